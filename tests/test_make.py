"""The two commands stop with one line that names the remedy."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def make(*words: str) -> tuple[int, str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(["make", *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout + done.stderr


def python(folder: Path, body: str) -> Path:
    made = folder / "python"
    made.write_text(f"#!/bin/sh\n{body}\n")
    made.chmod(0o755)
    return made


def test_a_taken_port_stops_before_anything_is_installed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, said = make("serve", f"PORT={port}", f"VENV={tmp_path / 'venv'}", f"PYTHON={sys.executable}")
    assert code == 2
    assert said.count("\n") == 1
    assert f"http://127.0.0.1:{port} cannot be served" in said
    assert "Address already in use" in said
    assert "make serve PORT=8080" in said
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize("target", ["serve", "test"])
def test_a_python_without_venv_stops_with_the_package_that_has_it(tmp_path: Path, target: str) -> None:
    bare = python(
        tmp_path, f'case "$2" in *ensurepip*) echo "No module named ensurepip" >&2; exit 1;; esac\nexec {sys.executable} "$@"'
    )
    code, said = make(target, f"PYTHON={bare}", f"VENV={tmp_path / 'venv'}", "PORT=0")
    assert code == 2
    assert said.count("\n") == 1
    assert "apt-get install python3-venv" in said
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize("target", ["serve", "test"])
def test_no_python_that_is_new_enough_stops_with_the_version_asked_for(tmp_path: Path, target: str) -> None:
    code, said = make(target, "PYTHON=", f"VENV={tmp_path / 'venv'}", "PORT=0")
    assert code == 2
    assert said.count("\n") == 1
    assert "Python 3.11 or newer" in said
