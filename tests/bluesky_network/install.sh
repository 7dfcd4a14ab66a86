#!/usr/bin/env bash
# Installs what the Bluesky network of this folder is made of: Node.js 22 and @atproto/dev-env from npm,
# and redis-server and PostgreSQL from the system's packages where they are missing. About 5 minutes and 700 MB.
#
#   tests/bluesky_network/install.sh
#
# npm's part goes to $BLUESKY_NETWORK_HOME, or to ~/.cache/tweetfocus-bluesky-network.
set -euo pipefail

node_version=22.23.3
dev_env_version=0.6.7
home=${BLUESKY_NETWORK_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/tweetfocus-bluesky-network}

need() { # need COMMAND DEBIAN_PACKAGE
    if command -v "$1" >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/$1" >/dev/null; then
        return
    fi
    if ! command -v apt-get >/dev/null; then
        echo "install.sh: $1 is missing, and this system has no apt-get: install $2 by hand, then run this again" >&2
        exit 1
    fi
    echo "installing $2 ..."
    local become=()
    [ "$(id -u)" -eq 0 ] || become=(sudo)
    "${become[@]}" apt-get update -qq
    "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >/dev/null
}

need npm npm
need redis-server redis-server
need postgres postgresql
need initdb postgresql

mkdir -p "$home"
cd "$home"
rm -f installed # written last: a broken installation is never taken for a whole one
echo "installing node $node_version and @atproto/dev-env $dev_env_version into $home (minutes) ..."
npm install --prefix . --no-audit --no-fund --loglevel=error "node@$node_version" "@atproto/dev-env@$dev_env_version"

node=$home/node_modules/.bin/node
if [ ! -x "$node" ]; then # where npm holds install scripts back, node's own has not fetched the binary
    (cd node_modules/node && npm_config_loglevel=error node installArchSpecificPackage)
fi

if ! PATH="$home/node_modules/.bin:$PATH" "$node" -e "new (require('better-sqlite3'))(':memory:')" 2>/dev/null; then
    # it was built against the headers of another Node.js, or not at all
    headers=$(find "$home/node_modules/node" -path '*include/node/node_api.h' -print -quit)
    echo "building better-sqlite3 for node $node_version (a minute or two) ..."
    npm rebuild better-sqlite3 --build-from-source --nodedir="${headers%/include/node/node_api.h}" --loglevel=error
fi
"$node" -e "new (require('better-sqlite3'))(':memory:')"

echo "$node_version $dev_env_version" >installed
echo "done: python -m pytest tests/bluesky_network"
