#!/usr/bin/env bash
# What the tests in a browser need: Playwright and axe into this Python, and a Chromium unless there is one.
set -euo pipefail
cd "$(dirname "$0")/../../../.."
python=${1:-python}

"$python" -m pip install -q -c constraints.txt -e '.[browser]'
if command -v chromium chromium-browser google-chrome google-chrome-stable > /dev/null; then
  exit 0
elif [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  apt-get update -qq && apt-get install -y -qq chromium > /dev/null
else
  "$python" -m playwright install chromium
fi
