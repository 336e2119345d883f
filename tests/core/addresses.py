"""Addresses that parsers have been fooled by, and strategies that make more of them."""

from __future__ import annotations

from hypothesis import strategies as st

ALICE, BOB = "alice@example.org", "bob@example.com"

# What email.utils took for one of the two, before and after its repair: the cases of CPython's own tests.
CVE_2023_27043 = (
    *(f"{ALICE}{separator}<{BOB}>" for separator in '()<>[]@;:.",'),
    *(f"{ALICE}{separator}{BOB}" for separator in '()<>[]@;:",'),
    f'"Alice, {ALICE}" <{BOB}>', f"{ALICE} (Alice)", f"{ALICE} )Alice(", f'"Jane Doe" <{ALICE}>, "John Doe" <{BOB}>',
    '"Sürname, Firstname" <to@example.com>', "foo: ;", r"Pete(A nice \) chap) <pete(his account)@silly.test(his host)>",
    "(Empty list)(start)Undisclosed recipients  :(nobody(I know))", "Mary <@machine.tld:mary@example.net>, , jdoe@test   . example",
    "John Doe <jdoe@machine(comment).  example>", '"Mary Smith: Personal Account" <smith@home.example>', "Undisclosed recipients:;",
    r'<boss@nil.test>, "Giant; \"Big\" Box" <bob@example.net>', "[]*-- =~$",
)  # fmt: skip
# CVE-2019-16056 and others: the first of two @, a route, an encoded word, a quoted part, a comment, bytes that end a line.
OTHERS = (
    f"{ALICE}@evil.example", f"{ALICE}@", "alice@", "@example.org", "alice", "", " ", "@", "@@", f"@evil.example:{ALICE}",
    "=?utf-8?q?alice=40example.org=3e?=@evil.example", "x=?utf-8?q?=41=40evil.example?=@example.org", '"alice@example.org"@evil.example',
    '"al ice"@example.org', r"al\ice@example.org", "alice(comment)@example.org", "alice@example.org(comment)", "alice@(x)example.org",
    f"{ALICE}\r\nRCPT TO:<{BOB}>", f"{ALICE}\nBcc: {BOB}", f"{ALICE}\0.evil.example", f"al\x7fice@{ALICE}", "alice@exam\x01ple.org",
    f"{ALICE}> SIZE=1", f"<{ALICE}>", f"mailto:{ALICE}", f"{ALICE},", f"{ALICE};", f"{ALICE}.", f".{ALICE}", "a..b@example.org",
    "alice.@example.org", "alice@example..org", "alice@.example.org", "alice@-example.org", "alice@example-.org", "alice@[127.0.0.1]",
    "alice@[IPv6:::1]", "alice@127.0.0.1", "alice@localhost", "alice@example", "alice@exam_ple.org", "user%evil.example@[example.org]",
    "a" * 65 + "@example.org", "a@" + "b" * 64 + ".org", "a@" + "b." * 130 + "org", "a" * 400 + "@example.org",
)  # fmt: skip
# Letters that are another when folded, joined or mapped: not in a local part, whose mailbox they would only seem to name.
FOLDED = (
    "\N{KELVIN SIGN}im@example.org", "ali\N{FULLWIDTH LATIN SMALL LETTER C}e@example.org", "\N{LATIN SMALL LETTER DOTLESS I}an@example.org",
    "al\N{SOFT HYPHEN}ice@example.org", "alice\N{FULLWIDTH COMMERCIAL AT}example.org", "alice\N{SMALL COMMERCIAL AT}example.org",
    "alice@\N{DIGIT ONE FULL STOP}com.org", "alice@example\N{ZERO WIDTH SPACE}.org", "alice@\N{RIGHT-TO-LEFT OVERRIDE}example.org",
    "alice@xn--0.org", "alice@xn--a.org", "alice@example.org\N{FULLWIDTH SOLIDUS}evil.example", "alice@a\N{CARE OF}.org",
)  # fmt: skip

_NASTY = st.sampled_from("@.,;:<>()[]\"\\'=?%!|`-+_ \t\r\n\0\x7f\x1c\x85\xa0\xad")
_LETTER = st.characters(exclude_categories=["Cs"])
_PIECES = st.sampled_from(
    [ALICE, BOB, "alice", "example.org", "@", ".", "=?utf-8?q?a?=", "xn--", "xn--mnchen-3ya", "münchen", "faß", "İ", "ﬀ", "。", "K"]
)


def _with_one_more(address: str, place: int, letter: str) -> str:
    place %= len(address) + 1
    return address[:place] + letter + address[place:]


likely = st.from_regex(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}(\.[a-z0-9'+=]{1,9}){0,2}@([a-zäßøéж0-9-]{1,20}\.){1,3}[a-z]{2,6}", fullmatch=True
)
spoilt = st.builds(_with_one_more, likely | st.just(ALICE), st.integers(0, 60), _NASTY | _LETTER)
anything = st.text(_LETTER, max_size=40) | st.lists(_PIECES | _NASTY, max_size=8).map("".join) | st.emails()
