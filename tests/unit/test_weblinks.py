"""What a link file says, in every form that a browser or an attacker writes."""

import plistlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpress import weblinks
from hotpress.addresses import is_public
from hotpress.errors import BadLink

ADDRESS = "https://video.example/talk.mp4?key=a%20b#t=3"
XML = plistlib.dumps({"URL": ADDRESS})
BINARY = plistlib.dumps({"URL": ADDRESS}, fmt=plistlib.FMT_BINARY)
BOMB = b"""<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>
<plist version="1.0"><dict><key>URL</key><string>&b;</string></dict></plist>"""
CLAIMS = BINARY[:-24] + (1 << 40).to_bytes(8) + BINARY[-16:]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.url", f"[InternetShortcut]\r\nURL={ADDRESS}\r\n".encode()),
        (
            "A.URL",
            f"[DEFAULT]\nBASEURL=x\n[internetshortcut]\nurl= {ADDRESS} ".encode(),
        ),
        ("a.url", f"\ufeff[InternetShortcut]\nURL={ADDRESS}\nURL={ADDRESS}".encode()),
        ("a.url", f"[InternetShortcut]\r\nURL={ADDRESS}\r\n".encode("utf-16")),
        ("a.url", b"[InternetShortcut]\nTitle=caf\xe9\nURL=" + ADDRESS.encode()),
        ("a.webloc", XML),
        ("A.WebLoc", BINARY),
        ("a.webloc", plistlib.dumps({"URL": f"  {ADDRESS}\n", "Title": "x"})),
    ],
)
def test_the_address_is_found_in_every_ordinary_form(name, data):
    """Windows and all browsers write the first kind, Macs the second, in text or in binary."""
    assert weblinks.address_in(name, data) == ADDRESS


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.url", b"", "it holds no web address"),
        ("a.url", b"https://video.example/a.mp4", "it holds no web address"),
        ("a.url", b"[Other]\nURL=https://x.example", "it holds no web address"),
        ("a.url", b"[InternetShortcut]\nURL=", "it names no address"),
        ("a.url", b"\xff\xfe[\x00\xd8", "it holds no web address"),
        (
            "a.url",
            b"[InternetShortcut]\nURL=https://a.example\nURL=https://b.example",
            "it names several addresses, and a link leads to one",
        ),
        ("a.url", b"x" * 64_001, "it is over 64 kB, and no link is so large"),
        ("a.webloc", b"", "it is no link file that can be read"),
        ("a.webloc", b"[InternetShortcut]\nURL=https://x", "it is no link file that can be read"),
        ("a.webloc", XML[:-30], "it is no link file that can be read"),
        ("a.webloc", BINARY[:-5], "it is no link file that can be read"),
        ("a.webloc", CLAIMS, "it is no link file that can be read"),
        ("a.webloc", BOMB, "it is no link file that can be read"),
        ("a.webloc", b"bplist00", "it is no link file that can be read"),
        ("a.webloc", plistlib.dumps({"url": ADDRESS}), "it holds no web address"),
        ("a.webloc", plistlib.dumps({"URL": [ADDRESS]}), "it holds no web address"),
        ("a.webloc", plistlib.dumps([ADDRESS]), "it holds no web address"),
    ],
)
def test_a_malformed_link_file_says_what_is_wrong(name, data, why):
    """One sentence and a next step, whatever stands in it."""
    with pytest.raises(BadLink) as caught:
        weblinks.address_in(name, data)
    assert caught.value.why == why
    assert caught.value.hint


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("file:///etc/passwd", "it leads to file: and only http and https are fetched"),
        ("ftp://x.example/a.mp4", "it leads to ftp: and only http and https are fetched"),
        ("javascript:alert(1)", "it leads to javascript: and only http and https are fetched"),
        ("//x.example/a.mp4", "it leads to no: and only http and https are fetched"),
        ("https://me:secret@x.example/a", "its address holds a name or a password"),
        ("https://x.example@evil.example/a", "its address holds a name or a password"),
        ("https://@x.example/a", "its address holds a name or a password"),
        ("https:///a.mp4", "its address names no computer"),
        ("https://./a.mp4", "its address names no computer"),
        ("https://x.example:port/a", "its address can't be understood"),
        ("https://x.example:99999/a", "its address can't be understood"),
        ("https://[::1/a", "its address can't be understood"),
        ("https://x.example\\@127.0.0.1/", "its address has characters"),
        ("https://x.example/a b", "its address has characters"),
        ("https://x.example/\r\nHost: y", "its address has characters"),
        ("https://x.example/" + "a" * 2_000, "its address has over 2000 characters"),
    ],
)
def test_only_plain_web_addresses_are_handed_on(address, why):
    """And no secret stands in the sentence."""
    with pytest.raises(BadLink) as caught:
        weblinks.checked(address)
    assert caught.value.why.startswith(why)
    assert "secret" not in caught.value.why + caught.value.hint


@given(st.sampled_from(["a.url", "a.webloc"]), st.binary(max_size=300))
def test_any_bytes_give_an_address_or_a_sentence(name, data):
    """No other error, however it is put together."""
    for start in (b"", b"[InternetShortcut]\nURL=http", b"bplist00", BINARY[:40], XML[:180]):
        with suppress(BadLink):
            assert weblinks.address_in(name, start + data).startswith("http")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("::127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:7f00:1::", False),
        ("2002:c0a8:101::", False),
        ("no address", False),
    ],
)
def test_an_address_of_this_machine_or_network_is_known_in_all_clothes(address, public):
    """Loopback, private, link-local, shared, mapped into IPv6, behind NAT64 or 6to4."""
    assert is_public(address) is public
