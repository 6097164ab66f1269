"""
Resolve the dependencies anew: run.txt for the product, chat.txt and postgresql.txt for the product with the extra of
that name (the image has both), dev.txt for its tests and checks, build.txt for the wheel.

Hashes for every file, no index address: the lock says what is installed, the machine says from where.
"""

import subprocess
import sys

COMMON = (
    *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--upgrade"),
    *("--generate-hashes", "--no-emit-index-url", "--no-header"),
)

LOCKS = (
    ("pyproject.toml", "-o", "requirements/run.txt"),
    ("pyproject.toml", "--extra", "chat", "-c", "requirements/run.txt", "-o", "requirements/chat.txt"),
    ("pyproject.toml", "--extra", "postgresql", "-c", "requirements/run.txt", "-o", "requirements/postgresql.txt"),
    (
        *("pyproject.toml", "--extra", "chat", "--extra", "postgresql", "--extra", "dev"),
        *("-c", "requirements/chat.txt", "-c", "requirements/postgresql.txt", "-o", "requirements/dev.txt"),
    ),
    ("requirements/build.in", "-o", "requirements/build.txt"),
)

for arguments in LOCKS:
    print("locking", arguments[-1])
    subprocess.run([sys.executable, "-m", *COMMON, *arguments], check=True)
