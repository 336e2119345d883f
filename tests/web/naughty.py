"""Texts that break what takes them lightly: 60 kinds, of our own making."""

from __future__ import annotations

NAUGHTY: tuple[str, ...] = (
    "", " ", "\t", "\n\n\n", "\r\nX-A: 1", "\x00", "a\x00b", "\x1b[31mred\x1b[0m", "\x7f\x80\x9f", "\u2028\u2029",
    "\u200b\u200b", "\ufeffmark", "\u202eright to left", "\u0627\u0644\u0633\u0644\u0627\u0645", "e" + "\u0301" * 300,
    "\U0001f693\U0001f3fd\u200d\u2642\ufe0f",
    "\U000e0041", "\uffff", "\ud7ff", "ﬀﬁ ǅ ß İ ı", "０１２", "½ ² Ⅳ", "0", "-0", "-1", "NaN", "Infinity", "1e309", "9" * 60, "0x7fffffff",
    "2147483648", "9223372036854775808", "null", "None", "undefined", "true", "[]", "{}", '{"a":', "'", '"', "`", "' OR 1=1 --",
    "1; DROP TABLE members",
    "%", "_", "%s%n%d", "{{ 7 * 7 }}", "{% raw %}", "${7*7}", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<!--", "]]>",
    "javascript:alert(1)", "../../../etc/passwd", "C:\\con\\aux", "=1+1", "@SUM(A1)", "2026-02-30", "0000-00-00T99:99Z", "--- \n- - -",
    "a" * 10_000, "*" * 5_000, "[" * 3_000, "> " * 2_000 + "x", "![](" * 1_500,
    "|a" * 1_500 + "|\n" + "|-" * 1_500 + "|", "&#x110000;", "&amp" * 900,
)  # fmt: skip
SEARCHES: tuple[str, ...] = (
    "from:", "from: forum: kind:", "-", "- - -", '"', '""', '"""', "-from:x", "size:", "size:<", "size:99999999999", "before:9999-99-99",
    "after:0000", "is:", "is:is:is:", "has:has", "kind:none", "state:%", "forum:'", "tag:*", "NOT AND OR NEAR", "a* OR b*", "(((",
    "NEAR(a b)",
    "^a", "a:b:c", "rowid:1", "{tags} : a", " ".join(["from:a"] * 24), " ".join(["-a"] * 24), "'\\", "a\\", "!&|", "<->", ":*",
)  # fmt: skip
