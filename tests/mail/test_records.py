"""`squadroom mail check`, from DNS answers that the test gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from app.core.config import Settings
from app.mail.records.answers import FileAnswers
from app.mail.records.findings import Check, Finding, organisation
from app.mail.sending.signature import signer_of
from tests.mail.test_dkim import KEYS, key_file

IP = "192.0.2.7"
GOOD: dict[str, list[str] | None] = {
    "reply.town.example TXT": ["google-site=1", f"v=spf1 ip4:{IP} -all"],
    "reply.town.example MX": ["10 mx.town.example."],
    "mx.town.example A": [IP],
    "_dmarc.town.example TXT": ["v=DMARC1; p=reject; rua=mailto:x@town.example"],
    "7.2.0.192.in-addr.arpa PTR": ["mx.town.example."],
}


class Zone:
    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, key_file(folder, KEYS["rsa"])
        self.answers = dict(GOOD)
        made = signer_of(self.settings())
        assert made is not None
        self.name = "squadroom._domainkey.town.example TXT"
        self.answers[self.name] = [made.record]

    def settings(self, **other: object) -> Settings:
        values = {
            "base_url": "https://forum.town.example", "mail_from": "forum@town.example", "reply_domain": "reply.town.example",
            "dkim_key_file": self.key, "smtp_url": "smtp://127.0.0.1", "secret_key": "x", "_env_file": None,
        }  # fmt: skip
        return Settings(**(values | other))

    def check(self, ips: tuple[str, ...] = (IP,), **other: object) -> dict[str, Finding]:
        """The worst finding of each kind."""
        path = self.folder / "answers.json"
        path.write_text(json.dumps(self.answers))
        found = Check(self.settings(**other), FileAnswers(path), ips).run()
        order = ("well", "look", "wrong")
        return {one.what: one for one in sorted(found, key=lambda one: order.index(one.state))}


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path)


def test_with_all_records_all_is_well(zone: Zone) -> None:  # M2
    assert {what: one.state for what, one in zone.check().items()} == dict.fromkeys(
        ("DKIM", "DMARC", "SPF", "alignment", "MX", "PTR", "TLS"), "well"
    )


def test_what_is_missing_is_told_with_the_record_to_add(zone: Zone) -> None:  # M2
    key = zone.answers[zone.name]
    assert key is not None
    zone.answers = {}
    found = zone.check()
    assert {what for what, one in found.items() if one.state == "wrong"} == {"SPF", "DKIM", "DMARC", "MX", "PTR"}
    assert found["SPF"].add == f'reply.town.example. IN TXT "v=spf1 ip4:{IP} -all"'
    assert found["DMARC"].add.startswith('_dmarc.town.example. IN TXT "v=DMARC1; p=reject;')
    assert found["MX"].add == "reply.town.example. IN MX 10 forum.town.example."
    assert found["PTR"].add == "7.2.0.192.in-addr.arpa. IN PTR forum.town.example."
    name, _, text = found["DKIM"].add.partition(" IN TXT ")
    assert name == "squadroom._domainkey.town.example."
    pieces = [piece.strip('"') for piece in text.split('" "')]
    assert "".join(pieces) == key[0]
    assert max(map(len, pieces)) <= 255


@pytest.mark.parametrize(
    ("records", "state", "said"),
    [
        (["v=spf1 -all"], "wrong", "mail from 192.0.2.7 is refused"),
        (["v=spf1 ip4:192.0.2.0/24 ~all"], "well", "lets its server send"),
        (["v=spf1 mx -all"], "well", "lets its server send"),
        (["v=spf1 a:mx.town.example -all"], "well", "lets its server send"),
        (["v=spf1 a:mx.town.example/24 -all"], "well", "lets its server send"),
        (["v=spf1 include:_spf.host.example -all"], "well", "lets its server send"),
        (["v=spf1 redirect=_spf.host.example"], "well", "lets its server send"),
        (["v=spf1 redirect=nowhere.example"], "wrong", "has no SPF record"),
        (["v=spf1 include:_spf.host.example include:_spf.host.example -all"], "well", ""),
        (["v=spf1 -ip4:192.0.2.7 mx -all"], "wrong", "is refused"),
        (["v=spf1 ip4:192.0.2.7 +all"], "wrong", "+all"),
        (["v=spf1 ip4:192.0.2.7 all"], "wrong", "+all"),
        (["v=spf1 ip4:192.0.2.7"], "look", "end it in -all"),
        (["v=spf1 ip4:192.0.2.7 ?all"], "look", "end it in -all"),
        (["v=spf1 ip4:192.0.2.7 -all", "v=spf1 mx -all"], "wrong", "2 SPF records"),
        (["v=spf1 ip4:300.0.2.7 -all"], "wrong", "is no address"),
        (["v=spf1 ipv4:192.0.2.7 -all"], "wrong", "does not know"),
        (["v=spf1 include:reply.town.example -all"], "wrong", "includes itself"),
        (["v=spf1 include:nowhere.example -all"], "wrong", "nowhere.example has no SPF record"),
        (["v=spf1 ip4:192.0.2.7 " + "a:mx.town.example " * 11 + "-all"], "wrong", "asks DNS 11 times"),
        (["v=spf1 include:_spf.many.example ip4:192.0.2.7 -all"], "wrong", "asks DNS 12 times"),
        (["v=spf1 exists:%{i}.x.example ~all"], "well", ""),
    ],
)  # fmt: skip
def test_spf_records_of_all_kinds(zone: Zone, records: list[str], state: str, said: str) -> None:  # M2
    zone.answers |= {
        "reply.town.example TXT": records, "_spf.host.example TXT": ["v=spf1 ip4:192.0.2.0/28 ip6:2001:db8::/32 -all"],
        "_spf.many.example TXT": ["v=spf1 " + "mx:reply.town.example " * 11 + "-all"],
    }  # fmt: skip
    found = zone.check()["SPF"]
    assert (found.state, said in found.said) == (state, True), found


@pytest.mark.parametrize(
    ("record", "state", "said"),
    [
        ("v=DMARC1; p=none", "look", "p=none only watches"),
        ("v=DMARC1; p=quarantine; pct=20", "look", "pct=20"),
        ("v=DMARC1; p=what", "wrong", "no policy that counts"),
        ("v=DMARC1;p=quarantine", "well", "p=quarantine"),
        ("v=spf1 -all", "wrong", "no DMARC record"),
    ],
)
def test_dmarc_records(zone: Zone, record: str, state: str, said: str) -> None:  # M2
    zone.answers["_dmarc.town.example TXT"] = [record]
    found = zone.check()["DMARC"]
    assert (found.state, said in found.said) == (state, True), found


def test_a_subdomain_s_policy_is_its_organisation_s(zone: Zone) -> None:
    other = {"mail_from": "us@forum.town.example", "dkim_key_file": None}
    assert zone.check(**other)["DMARC"].state == "well"
    zone.answers["_dmarc.town.example TXT"] = ["v=DMARC1; p=reject; sp=none"]
    assert "p=none" in zone.check(**other)["DMARC"].said
    assert (organisation("a.b.town.example"), organisation("a.co.uk")) == ("town.example", "a.co.uk")


def test_dkim_keys_of_all_kinds(zone: Zone, tmp_path: Path) -> None:  # M2
    good = zone.answers[zone.name]
    assert good
    for records, state, said in (
        (["v=DKIM1; p="], "wrong", "withdrawn"), ([good[0].replace("p=M", "p=N")], "wrong", "another key"),
        ([*good, *good], "wrong", "2 records"),
        ([good[0] + "; t=y"], "look", "t=y"), ([good[0][:60] + " " + good[0][60:]], "well", "has the key"),
    ):  # fmt: skip
        zone.answers[zone.name] = records
        found = zone.check()["DKIM"]
        assert (found.state, said in found.said) == (state, True), found
    assert "is not set" in zone.check(dkim_key_file=None)["DKIM"].said
    zone.key = key_file(tmp_path, rsa.generate_private_key(65537, 1024))
    weak = signer_of(zone.settings())
    assert weak is not None
    zone.answers[zone.name] = [weak.record]
    assert "1024 bits" in zone.check()["DKIM"].said


def test_from_and_envelope_of_different_organisations(zone: Zone) -> None:  # M2
    assert zone.check()["alignment"].state == "well"
    apart = {"mail_from": "us@elsewhere.example"}
    assert zone.check(**apart)["alignment"].state == "look"
    assert zone.check(**apart, dkim_key_file=None)["alignment"].state == "wrong"
    zone.answers["_dmarc.town.example TXT"] = ["v=DMARC1; p=reject; aspf=s"]
    assert zone.check()["alignment"].state == "look"


def test_names_that_do_not_lead_back(zone: Zone) -> None:
    zone.answers["mx.town.example A"] = ["192.0.2.8"]
    assert zone.check()["PTR"].add == f"mx.town.example. IN A {IP}"
    zone.answers["reply.town.example MX"] = ["10 nowhere.example"]
    assert "nowhere.example has no address" in zone.check()["MX"].said
    zone.answers["reply.town.example MX"] = ["0 ."]
    assert "takes no mail" in zone.check()["MX"].said


def test_no_answer_is_not_the_same_as_no_record(zone: Zone) -> None:
    zone.answers["_dmarc.town.example TXT"] = None
    found = zone.check()["DMARC"]
    assert (found.state, found.add) == ("wrong", "")
    assert "could not be asked" in found.said


def test_where_mail_leaves_from(zone: Zone) -> None:
    assert "--ip" in zone.check(())["SPF"].said or zone.check(())["SPF"].state == "look"
    assert "PTR" not in zone.check(())
    assert zone.check((), smtp_url="smtp://mx.town.example")["PTR"].state == "well"
    [only] = zone.check((), base_url="http://localhost:8000", mail_from="", reply_domain="", dkim_key_file=None, smtp_url="").values()
    assert (only.what, only.state) == ("domain", "wrong")


@pytest.mark.parametrize(
    ("url", "state", "said"),
    [("smtp://mx.town.example", "wrong", "?tls=starttls"), ("smtp://mx.town.example?tls=starttls", "well", "over TLS"),
     ("smtps://mx.town.example", "well", "over TLS"), ("smtp://127.0.0.1", "well", "its own"), ("", "look", "SMTP_URL is not set")],
)  # fmt: skip
def test_whether_mail_leaves_encrypted(zone: Zone, url: str, state: str, said: str) -> None:  # M2
    found = zone.check(smtp_url=url)["TLS"]
    assert found.state == state
    assert said in found.said


def test_the_command(zone: Zone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:  # M2
    from app.cli import main

    for name, value in {
        "BASE_URL": "https://forum.town.example", "MAIL_FROM": "forum@town.example", "REPLY_DOMAIN": "reply.town.example",
        "DKIM_KEY_FILE": str(zone.key), "DATA_DIR": str(tmp_path),
        "SMTP_URL": "smtp://mx.town.example?tls=starttls",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"SQUADROOM_{name}", value)
    monkeypatch.chdir(tmp_path)
    answers = tmp_path / "given.json"

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["squadroom", "mail", "check", "--answers", str(answers), *words])
        code = main()
        said = capsys.readouterr()
        return code, said.out, said.err

    answers.write_text(json.dumps(zone.answers))
    code, out, _ = run("--json")
    assert code == 0
    assert {one["state"] for one in json.loads(out)["findings"]} == {"well"}
    answers.write_text(json.dumps(zone.answers | {"_dmarc.town.example TXT": []}))
    code, out, err = run()
    assert code == 1
    assert 'Records to add:\n_dmarc.town.example. IN TXT "v=DMARC1; p=reject;' in out
    assert "1 thing(s) wrong, the first: DMARC" in err
    answers.write_text("[]")
    assert "is not a JSON object" in run()[2]
    assert "is no address" in run("--ip", "what")[2]
