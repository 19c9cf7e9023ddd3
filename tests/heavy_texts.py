"""Texts that are short to write and long to read: what a config must not cost, whatever it is."""

KEYS = "".join(f"k{n}: 1\n" for n in range(4_900))
RULES = "inboxes:\n  - path: /in\n    outbox: /out\n    rules:\n"

HEAVY = {
    "10 MB": "#" * 10_000_000,
    "a list of one line": "a: [" + "1," * 120_000 + "]",
    "open brackets": "[" * 250_000,
    "dashes": "- " * 127_000,
    "comments": "#\n" * 127_000,
    "escapes": 'a: "' + "\\n" * 120_000 + '"',
    "one long word": "defaults:\n  instructions: " + "x" * 250_000,
    "unknown keys": KEYS,
    "keys that are nearly known": "defaults:\n" + KEYS.replace("k", "  target_siz"),
    "one key again and again": "a: 1\n" * 4_900,
    "wrong rules": RULES + "      - {match: 'x', fps: x}\n" * 1_600,
    "anchors": "".join(f"k{n}: &a{n} x\n" for n in range(4_900)),
    "aliases": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(
        f"{b}: &{b} [{f'*{a}, ' * 9}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ),
    "merges": "a: &a {"
    + KEYS[:20_000].replace("\n", ", ")
    + "}\nb: {<<: ["
    + "*a, " * 3_000
    + "]}",
    "variables": "defaults:\n  instructions: '" + "${X}" * 60_000 + "'\n",
    "long variables": "defaults:\n  instructions: '" + "${LONG}" * 1_900 + "'\n",
    "unknown notices": "notify: [" + "nowhere://x, " * 3_000 + "]",
}
ENVIRONMENT = {"LONG": "x" * 100_000}
