"""The page in a real Chromium: before a whole daemon, and before those who mean harm."""

import base64
import http.server
import os
import shutil
import threading
import time
from pathlib import Path

import browser as chrome
import clips
import pytest
from makers import a_job
from pages import served
from playwright.sync_api import expect
from stage import Stage, sha256, until

from hotpress.model import State

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.timeout(240)]
PHONE = "carphone_pristine.mp4"
SECONDS = 40_000.0  # milliseconds, as Playwright counts: for what a busy machine does
# Notes how far each job is whenever something changes.
_WATCH = """() => {
  window.moved = [];
  const look = () => document.querySelectorAll("progress:not([hidden])").forEach(
    (bar) => bar.closest("#live") && window.moved.push(bar.value));
  new MutationObserver(look).observe(document.body,
    {subtree: true, childList: true, attributes: true});
}"""
# Drops a file as a person's mouse would: the same event, with a real File.
_DRAG = """(text) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const dragged = new DataTransfer();
  dragged.items.add(new File([bytes], "dragged.mp4", {type: "video/mp4"}));
  document.body.dispatchEvent(
    new DragEvent("drop", {dataTransfer: dragged, bubbles: true, cancelable: true}));
}"""


def test_in_a_real_browser(tmp_path):
    """Dropped on disk it appears, moves and completes; orders work; two agree; axe is content."""
    stage = Stage(tmp_path)
    with stage.cloud({"credits": 500}, "--kind", "--speed", "20"), chrome.chromium() as chromium:
        stage.configure(
            {"target_size": "150 kB"},
            {"name": "Old", "route": "local", "target_size": "40 kB"},
            {"name": "Tiny", "route": "local", "target_size": "2 kB"},
            page={"listen": "127.0.0.1:0"},
        )
        for number in range(11):
            clips.distinct(clips.real(PHONE), stage.inbox("Old") / f"{number}.mp4")
        stage.start()
        try:
            until(
                lambda: "page.opened" in (stage.folder / "daemon.log").read_text(), 60, "the page"
            )
            url = stage.say("page").stdout.split("at ")[1].split()[0].rstrip("/.")
            _live(stage, chromium, url)
        finally:
            stage.end()


def _live(stage, chromium, url):
    wrong = []
    both = [chromium.new_page() for _ in range(2)]
    for page in both:
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.set_default_timeout(SECONDS)
        page.goto(url)
        page.evaluate(_WATCH)
    page = both[0]
    shutil.copy2(clips.real("bikes.mp4"), stage.inbox() / "a.mp4")
    for each in both:
        done = each.locator(".delivered", has_text="a.mp4").first
        expect(done).to_be_visible(timeout=SECONDS)
        # What was noted on the way is still there: it was not loaded anew.
        assert len(set(each.evaluate("window.moved"))) > 1, "it moved"
    _approved(stage, page)
    _retried(stage, page)
    page.get_by_role("link", name="a.mp4").first.click()
    _slid(page)
    _asked(stage, page)
    page.goto(url)
    _dropped(stage, page)
    both_say = [each.locator("#live") for each in both]
    until(lambda: both_say[0].inner_text() == both_say[1].inner_text(), 60, "two that agree")
    job = next(j for j in stage.stored() if j["relative"] == "a.mp4" and not j["asked"])["id"]
    looks = {"now": "/", "history": "/history", "folders": "/folders", "job": f"/jobs/{job}"}
    _seen(chromium, url, looks)
    assert wrong == []


def _approved(stage, page):
    """What lay there before waits for a word; one of it is let go, the rest declined."""
    waiting = page.get_by_text("11 videos of Old").first
    expect(waiting).to_be_visible(timeout=SECONDS)
    page.get_by_label("the newest").fill("1")
    page.get_by_role("button", name="Start them").first.click()
    expect(page.locator("#told")).to_contain_text("videos", timeout=SECONDS)
    until(lambda: stage.delivered("Old"), 90, "the one that was approved")


def _retried(stage, page):
    """What can't be made so small fails; the order to try again is taken, and obeyed."""
    clips.distinct(clips.real(PHONE), stage.inbox("Tiny") / "much.mp4")
    page.get_by_role("link", name="much.mp4").first.click()
    page.get_by_role("button", name="Try again much.mp4").click()
    expect(page.locator("#told p.told")).to_contain_text("much.mp4", timeout=SECONDS)
    page.go_back()


def _slid(page):
    """The handle parts both pictures, by keys and mouse; they are of one frame and one size."""
    handle = page.get_by_role("slider")
    expect(handle).to_be_attached(timeout=SECONDS)
    after = page.locator("#compare .after img")
    middle = after.evaluate("i => getComputedStyle(i).clipPath")
    handle.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert after.evaluate("i => getComputedStyle(i).clipPath") != middle
    assert handle.input_value() == "70"
    box = handle.bounding_box()
    across = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.7, across)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.2, across, steps=4)
    page.mouse.up()
    assert 10 <= int(handle.input_value()) <= 30, "the mouse moves it, too"
    sizes = page.locator("#compare img").evaluate_all(
        "all => all.map(i => [i.naturalWidth, i.naturalHeight, i.clientWidth, i.clientHeight])"
    )
    assert sizes[0] == sizes[1]
    assert min(sizes[0]) > 0


def _asked(stage, page):
    page.locator("#asking textarea").fill("cut the first 2 seconds")
    page.locator("#asking button").click()
    expect(page.locator("#told p.told")).to_be_visible(timeout=SECONDS)
    until(lambda: len(stage.delivered()) == 2, 90, "the further edit")


def _dropped(stage, page):
    """A file that is dragged onto the page lies in the folder, byte for byte, and is made."""
    clip = clips.distinct(clips.real(PHONE), stage.folder / "dragged.mp4")
    page.evaluate(_DRAG, base64.b64encode(clip.read_bytes()).decode())
    until((stage.inbox() / "dragged.mp4").exists, 30, "the file that was dragged")
    assert sha256(stage.inbox() / "dragged.mp4") == sha256(clip)
    until(lambda: len(stage.delivered()) == 3, 90, "what was made of it")


def _seen(chromium, url, looks):
    """No serious fault by axe-core, no scrolling sideways, in both themes at both widths."""
    keep = os.environ.get("PICTURES")
    for size, theme in [(s, t) for s in chrome.SIZES for t in chrome.THEMES]:
        context = chromium.new_context(viewport=chrome.SIZES[size], color_scheme=theme)
        page = context.new_page()
        for name, path in looks.items():
            page.goto(url + path)
            if name == "job":
                expect(page.get_by_role("slider")).to_be_attached(timeout=SECONDS)
            assert chrome.faults(page) == [], (size, theme, name)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, (size, theme, name)
            if keep:
                page.screenshot(path=Path(keep) / f"{name}-{size}-{theme}.png")
            if keep and name == "job":
                part = page.locator("#compare")
                part.screenshot(path=Path(keep) / f"compare-{size}-{theme}.png")
        context.close()


class _Foreign(http.server.BaseHTTPRequestHandler):
    """A page of somebody else, that gives orders to ours."""

    target = ""

    def do_GET(self):
        body = f"""<!doctype html><title>evil</title>
            <form id=f method=post action="{self.target}/do/pause"><input name=all value=1></form>
            <script>
            const order = new URLSearchParams({{all: "1", token: "0".repeat(64)}});
            fetch("{self.target}/do/pause", {{method: "POST", mode: "no-cors", body: order}})
              .catch(() => null).then(() => document.getElementById("f").submit());
            </script>""".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_who_means_harm_gets_nowhere(tmp_path):
    """A file's name that is a script, a page of somebody else, another name for this machine."""
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    with (
        served(tmp_path) as ours,
        chrome.chromium("--host-resolver-rules=MAP evil.example 127.0.0.1") as chromium,
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Foreign) as foreign,
    ):
        job = a_job(
            id="abc123",
            root=str(ours.inbox),
            outbox=str(ours.outbox),
            relative=f"{evil}.mp4",
            state=State.FAILED,
            why=evil,
            hint=evil,
            created_at=time.time(),
        )
        assert ours.store.add(job, evil)
        page = chromium.new_page()
        for path in ("/", "/history", "/folders", "/jobs/abc123"):
            page.goto(ours.url + path)
            page.wait_for_load_state("networkidle" if path == "/history" else "load")
            assert page.locator("img, main script").count() == 0, path
            assert "hotpress" in page.title(), path
        assert page.get_by_text("onerror").count() > 0
        _Foreign.target = ours.url
        threading.Thread(target=foreign.serve_forever, daemon=True).start()
        page.goto(f"http://evil.example:{foreign.server_port}/", wait_until="commit")
        page.wait_for_url(f"{ours.url}/do/pause")
        assert "did not come from a page of hotpress" in page.locator("body").inner_text()
        answer = page.goto(ours.url.replace("127.0.0.1", "evil.example"))
        assert answer.status == 421
        assert "abc123" not in answer.text()
        assert ours.store.commands() == []
        foreign.shutdown()
