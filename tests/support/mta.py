# SPDX-License-Identifier: MIT
"""A real mail server, Debian's exim4, out of build/unpacked: it takes mail for acme.example on a loopback port, and
delivers it into one mailbox file. It has a folder of its own, runs as nobody, and is told by libnss-wrapper that
its user exists."""
import ctypes
import glob
import mailbox
import os
import pathlib
import shutil
import signal
import smtplib
import subprocess
import tempfile

from stage import ROOT, free_port, wait_for

BINARY = ROOT / "build/unpacked/exim4-daemon-light/usr/sbin/exim4"
NOBODY = 65534
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1

CONFIGURATION = """
exim_path = {folder}/exim4
keep_environment = *
spool_directory = {folder}/spool
log_file_path = {folder}/log-%s
pid_file_path =
primary_hostname = mail.acme.example
domainlist local_domains = acme.example
tls_advertise_hosts =
acl_smtp_rcpt = recipient
begin acl
recipient:
  deny message = no such mailbox
       local_parts = nobody
  accept domains = +local_domains
begin routers
local:
  driver = accept
  domains = +local_domains
  transport = box
begin transports
box:
  driver = appendfile
  file = {folder}/mailbox
  user = Debian-exim
"""


class Exim:
    def __init__(self):
        assert BINARY.exists(), "exim4 is missing: scripts/setup unpack"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="teamsync-mta-"))
        self.port = free_port()
        self.uid = NOBODY if os.geteuid() == 0 else os.getuid()
        (self.folder / "spool").mkdir()
        shutil.copyfile(BINARY, self.folder / "exim4")  # not setuid any more
        (self.folder / "exim4").chmod(0o755)
        (self.folder / "conf").write_text(CONFIGURATION.format(folder=self.folder))
        (self.folder / "passwd").write_text(f"root:x:0:0::/:/bin/sh\nDebian-exim:x:{self.uid}:{self.uid}::/:/bin/sh\n")
        (self.folder / "group").write_text(f"Debian-exim:x:{self.uid}:\n")
        if os.geteuid() == 0:
            for path in [self.folder, *self.folder.iterdir()]:
                os.chown(path, self.uid, self.uid)
        self.process = None

    def start(self):
        wrapper = glob.glob("/usr/lib/*/libnss_wrapper.so")[0]
        environment = {"PATH": os.environ["PATH"], "LD_PRELOAD": wrapper,
                       "NSS_WRAPPER_PASSWD": str(self.folder / "passwd"), "NSS_WRAPPER_GROUP": str(self.folder / "group")}
        as_nobody = {"user": self.uid, "group": self.uid, "extra_groups": []} if os.geteuid() == 0 else {}
        self.process = subprocess.Popen(
            [self.folder / "exim4", "-bdf", "-C", self.folder / "conf", "-oX", f"127.0.0.1.{self.port}"],
            env=environment, cwd="/", stdin=subprocess.DEVNULL, stderr=open(self.folder / "log-stderr", "a"), **as_nobody,
            preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
        wait_for(self.answers, "exim4 to answer")

    def answers(self):
        assert self.process.poll() is None, self.log()
        try:
            smtplib.SMTP("127.0.0.1", self.port, timeout=5).quit()
            return True
        except OSError:
            return False

    def mails(self):
        """What is in the mailbox."""
        box = self.folder / "mailbox"
        return list(mailbox.mbox(box)) if box.exists() else []

    def log(self):
        return "".join(path.read_text() for path in sorted(self.folder.glob("log-*")))

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
