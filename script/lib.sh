# Shared by the scripts here: where things are, how to say what happens, how to end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_BUILD_JOBS="${CARGO_BUILD_JOBS:-2}"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

# The page is built anew when something that it is made from is newer.
build_page() {
  if [ ! -e ui/dist/index.html ] || [ -n "$(find ui/src ui/index.html ui/package-lock.json ui/vite.config.ts -newer ui/dist/index.html -print -quit)" ]; then
    (cd ui && npm run --silent build)
  fi
}

# A home of its own, with a bus, a display and an open keychain: in_a_session HOME COMMAND...
in_a_session() (
  local home=$1
  shift
  rm -rf "$home"
  mkdir -p "$home/data" "$home/config" "$home/cache"
  # Sockets need a short path.
  XDG_RUNTIME_DIR=$(mktemp -d)
  trap 'rm -rf "$XDG_RUNTIME_DIR"' EXIT
  export XDG_RUNTIME_DIR HOME="$home" XDG_DATA_HOME="$home/data" XDG_CONFIG_HOME="$home/config" XDG_CACHE_HOME="$home/cache"
  # Without a GPU this is the faster way to draw.
  export WEBKIT_DISABLE_DMABUF_RENDERER=1 GDK_BACKEND=x11
  dbus-run-session -- xvfb-run -a -s "-screen 0 1280x800x24 -noreset" sh -c \
    'printf session | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"' - "$@"
)
