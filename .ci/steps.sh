# Sourced by the three tiers: a step is named, timed and listed in the table at the end, whether it went well or not.

steps=()
failed=0

# step NAME COMMAND...
step() {
  local name=$1 began=$SECONDS result=ok
  shift
  printf '\n== %s\n+ %s\n' "$name" "$*"
  "$@" || { result=FAILED; failed=1; }
  steps+=("$(printf '| %-36s | %-6s | %4d s |' "$name" "$result" $((SECONDS - began)))")
}

# What a tier ends with: its table, the whole time, and 1 where a step failed.
report() {
  printf '\n%s of %s, %s UTC, %s cores\n' "$(basename "$0")" "$(git rev-parse --short HEAD)" "$(date -u '+%F %H:%M')" "$(nproc)"
  printf '| %-36s | %-6s | %6s |\n' step result time
  printf '|%s|%s|%s|\n' --------------------------------------  -------- --------
  printf '%s\n' "${steps[@]}"
  printf '%d:%02d min in all\n' $((SECONDS / 60)) $((SECONDS % 60))
  exit $failed
}

# debian PROGRAM PACKAGE...: installs Debian's packages where the program is missing.
debian() {
  local program=$1
  shift
  command -v "$program" >/dev/null || { apt-get update -qq && apt-get install -y -qq "$@" >/dev/null; }
}

# The README's command below the comment "the NAME command", to the letter.
readme_command() {
  sed -n "/<!-- the $1 command -->/,/^\`\`\`\$/p" README.md | sed '1,/^```/d;/^```$/d'
}
