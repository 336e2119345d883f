"""A real mail server: Debian's Postfix, private to a test. Its configuration and queue lie in a folder of the test's, it listens on
loopback at a port of its own, and nothing of a Postfix that the system runs is touched. Only root can start one.

    with start_postfix(relay_to=("127.0.0.1", sink_port), lmtp="127.0.0.1:2400", reply_domain="reply.example") as postfix:
        postfix.port    # SMTP: what Squadroom's SMTP_URL names, or what a member's reply comes in by

Mail for `reply_domain` goes to `lmtp` (`HOST:PORT`, or a socket's path), all other mail to `relay_to`. `heading` is put on top of each
message that comes in, as a server that has checked its sender does: "Authentication-Results: mx.example; dmarc=pass …".
"""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

POSTFIX = "/usr/sbin/postfix"
_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.test.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
notify_classes =
smtp_host_lookup = native
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
relayhost = {relay_to}
relay_domains = {reply_domain}
relay_transport = lmtp:{lmtp}
relay_recipient_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = {heading}permit_mynetworks, reject
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
lmtp      unix - - n - - lmtp
error     unix - - n - - error
retry     unix - - n - - error
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""
_tick = threading.Event()


@dataclass(frozen=True)
class Postfix:
    port: int
    folder: Path

    @property
    def log(self) -> str:
        file = self.folder / "log"
        return file.read_text() if file.exists() else ""

    def send(self, raw: bytes, sender: str, to: str) -> None:
        """As another mail server hands a letter over, by SMTP."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as client:
            client.sendmail(sender, [to], raw)


@contextmanager
def start_postfix(
    *, relay_to: tuple[str, int] | None = None, lmtp: str = "", reply_domain: str = "", heading: str = ""
) -> Iterator[Postfix]:
    """A running Postfix; it has ended when the block has."""
    can_start = Path(POSTFIX).exists() and os.geteuid() == 0
    assert can_start, "the tests marked postfix need the package 'postfix', and root to start one"
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    folder.chmod(0o755)  # Postfix works as a user of its own
    postfix = Postfix(_free_port(), folder)
    _configure(postfix, relay_to, (lmtp, reply_domain), heading)
    process = subprocess.Popen(
        [POSTFIX, "-c", str(folder / "conf"), "start-fg"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        _wait_until_it_answers(postfix, process)
        yield postfix
    finally:
        subprocess.run([POSTFIX, "-c", str(folder / "conf"), "stop"], capture_output=True, timeout=60, check=False)
        process.terminate()
        process.communicate(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _configure(postfix: Postfix, relay_to: tuple[str, int] | None, inbound: tuple[str, str], heading: str) -> None:
    lmtp, reply_domain = inbound
    conf = postfix.folder / "conf"
    for name in ("conf", "queue", "data"):
        (postfix.folder / name).mkdir(mode=0o755)
    shutil.chown(postfix.folder / "data", "postfix")
    values = {
        "folder": postfix.folder,
        "relay_to": f"[{relay_to[0]}]:{relay_to[1]}" if relay_to else "",
        "reply_domain": reply_domain,
        "lmtp": f"unix:{lmtp}" if lmtp.startswith("/") else f"inet:{lmtp}",
        "heading": f"check_recipient_access static:{{PREPEND {heading}}}, " if heading else "",
    }
    (conf / "main.cf").write_text(_MAIN.format(**values))
    (conf / "master.cf").write_text(_MASTER.format(port=postfix.port))


def _wait_until_it_answers(postfix: Postfix, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", postfix.port), timeout=5) as sock:
                if sock.recv(3) == b"220":
                    return
        except OSError:
            _tick.wait(0.1)
    said = process.stderr.read().decode() if process.poll() is not None and process.stderr else ""
    raise AssertionError(f"Postfix did not start: {said} {postfix.log[-2000:]}")


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
