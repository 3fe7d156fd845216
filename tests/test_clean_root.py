# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Clean roots of Debian: scripts/run.sh, README's way by hand, and the Debian package.

Each root is made by debootstrap from the mirror that apt uses here, with its proxies. Everything
runs in a mount namespace of its own, so that nothing stays mounted, however it ends. Skipped unless
BL23_SLOW is set, and where there is no root user, no namespace, no debootstrap or no mirror.
"""
import glob
import os
import pathlib
import re
import shutil
import subprocess

import pytest
import survey_tools as t

SUITES = ["bookworm", "trixie"]   # Debian 12 and 13
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
NAMESPACE = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
HOUR_S = 3600


def mirror_of_apt():
    """The address of Debian in apt's sources; None: they have none."""
    texts = [pathlib.Path(path).read_text(encoding="utf-8") for path in
             ["/etc/apt/sources.list", *glob.glob("/etc/apt/sources.list.d/*")]
             if os.path.isfile(path)]
    words = re.findall(r"^(?:URIs:|deb(?:\s+\[[^]]*\])?)\s+(https?://\S+/debian)/?(?=\s|$)",
                       "\n".join(texts), flags=re.M)
    return words[0] if words else None


def proxies_of_apt():
    """Lines of apt.conf that say how the mirror is reached."""
    done = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() if re.match(r"Acquire::https?::Proxy", line)]


def environment():
    """With the proxy of apt for debootstrap, which reads no apt.conf."""
    found = dict(os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C.UTF-8")
    for line in proxies_of_apt():
        match = re.match(r'Acquire::(https?)::Proxy "(http[^"]+)";', line)
        if match:
            found.setdefault(f"{match.group(1)}_proxy", match.group(2))
    return found


def in_namespace(script, **options):
    return subprocess.run([*NAMESPACE, "bash", "-euc", script], capture_output=True, text=True,
                          env=environment(), timeout=HOUR_S, check=False, **options)


class Root:
    """A root file system, with the source in /src."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def run(self, script, folder="/src"):
        """Run lines of bash in it, as root; what they print."""
        self.path.joinpath("script").write_text(
            f"set -euxo pipefail\ncd {folder}\n{script}\n", encoding="utf-8")
        done = in_namespace(f"mount -t proc proc '{self.path}/proc'; "
                            f"mount --rbind /dev '{self.path}/dev'; "
                            f"exec chroot '{self.path}' bash /script")
        assert done.returncode == 0, t.told(done, script)
        return done.stdout

    def copy(self, name):
        path = self.path.with_name(name)
        done = t.run(["cp", "-a", "--reflink=auto", self.path, path], timeout=HOUR_S)
        assert done.returncode == 0, t.told(done)
        return Root(path)


def reason_to_skip(suite):
    if not os.environ.get("BL23_SLOW"):
        return "only for ctest -C slow"
    if os.geteuid() != 0:
        return "needs root"
    if not shutil.which("debootstrap"):
        return "debootstrap is not installed"
    if not os.path.exists(f"/usr/share/debootstrap/scripts/{suite}"):
        return f"debootstrap does not know {suite}"
    if not mirror_of_apt():
        return "apt's sources name no mirror of Debian"
    if in_namespace("true").returncode:
        return "no mount namespace can be made"
    return None


@pytest.fixture(scope="module", params=SUITES, name="base")
def a_clean_root(request, shared, source):
    """What debootstrap makes, with the host's way to the mirror, and the source."""
    suite = request.param
    reason = reason_to_skip(suite)
    if reason:
        pytest.skip(reason)
    root = Root(os.path.join(shared, suite))
    done = in_namespace(f"debootstrap --variant=minbase --include=ca-certificates --keyring="
                        f"{KEYRING} {suite} '{root.path}' {mirror_of_apt()}")
    if done.returncode and re.search("unknown key|Failed getting release", done.stdout):
        pytest.skip(f"the mirror or its key cannot be had: {done.stdout[-300:]}")
    assert done.returncode == 0, t.told(done)
    shutil.copy("/etc/resolv.conf", root.path / "etc" / "resolv.conf")
    lines = [*proxies_of_apt(), 'APT::Get::Assume-Yes "true";']
    root.path.joinpath("etc/apt/apt.conf.d/99host").write_text("\n".join(lines) + "\n",
                                                               encoding="utf-8")
    root.run("apt-get update -qq", "/")
    shutil.copytree(source, root.path / "src", symlinks=True,
                    ignore=shutil.ignore_patterns(".git", "build", "out", "__pycache__"))
    yield root
    assert suite not in pathlib.Path("/proc/mounts").read_text(encoding="utf-8")
    shutil.rmtree(root.path)


def by_hand(source):
    """The commands of README.md to build by hand; sudo is not needed in a root."""
    text = pathlib.Path(source, "README.md").read_text(encoding="utf-8")
    block = re.search(r"^To build by hand.*\n\n((?:    .*\n)+)", text, flags=re.M).group(1)
    assert block.count("\n") >= 4 and "apt-get install" in block
    return re.sub(r"^    (sudo )?", "", block, flags=re.M)


def check_program(root):
    """It draws and proves in an empty folder, without the source."""
    shutil.rmtree(root.path / "src")
    (root.path / "empty").mkdir()
    shown = root.run("bl23 survey @fig3_closed --samples 1e6\nbl23 replay fig3_closed.h5\n"
                     "bl23 bound @answer/searches -o bound.json\nbl23 bound --verify bound.json\n"
                     "bl23 info --scripts", "/empty")
    assert "stored values identical" in shown


def test_by_hand(base, source):
    root = base.copy("by_hand")
    root.run(by_hand(source))
    check_program(root)
    shutil.rmtree(root.path)


def test_run_script(base):
    root = base.copy("run_script")
    shown = root.run("scripts/run.sh")
    assert "Figures: " in shown
    for name in ("survey.h5", "survey_fig3.png"):
        assert (root.path / "src" / "out" / name).stat().st_size > 10000, name
    shutil.rmtree(root.path)


def test_debian_package(base):
    """Built without complaints of lintian in one root, installed in another one."""
    builder, user = base.copy("builder"), base.copy("user")
    shown = builder.run("scripts/packaging/build_deb.sh /packages")
    assert not re.search(r"^[EW]: ", shown, flags=re.M), shown[-3000:]
    package, = builder.path.glob("packages/*.deb")
    shutil.copy(package, user.path)
    user.run(f"apt-get install /{package.name}", "/")
    check_program(user)
    figures = user.run("/usr/bin/python3 $(bl23 info --scripts)/plot_survey.py fig3_closed.h5\n"
                       "ls", "/empty")
    assert "fig3_closed_fig3.png" in figures
    user.run("apt-get remove bl23\ntest ! -e /usr/share/bl23 && test ! -e /usr/bin/bl23", "/")
    for root in (builder, user):
        shutil.rmtree(root.path)
