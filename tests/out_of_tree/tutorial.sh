#!/bin/sh
# Runs docs/plugins.md: every block that names its file becomes that file, and every sh block is run,
# in the order of the page.
#
# usage: tutorial.sh PAGE FOLDER PREFIX     PREFIX: where gapbench is installed
set -eu
page=$1 folder=$2 prefix=$3
rm -rf "$folder"
mkdir -p "$folder/home/opt" "$folder/project"
ln -s "$prefix" "$folder/home/opt/gapbench"
cd "$folder/project"
awk '
  /^```/ && inside { inside = 0; if (language == "sh") print "#" >> "commands.sh"; next }
  /^```/ { language = substr($0, 4); inside = 1; file = language == "sh" ? "commands.sh" : ""; next }
  !inside { next }
  file == "" { file = $2; print file >> "files.txt" }
  { print >> file }
' "$page"
test "$(wc -l < files.txt)" -ge 8
HOME=$folder/home
export HOME
sh -eux commands.sh
# All four methods have their rows on both networks, and no trial has failed.
gapbench() { "$prefix/bin/gapbench" "$@"; }
GAPBENCH_PLUGINS=$PWD/build/lib/gapbench/plugins
export GAPBENCH_PLUGINS
rows=$(gapbench compare results/tutorial results/analytic --format csv | grep -c ',ok,')
test "$rows" -eq 30
echo "tutorial: $rows trials ok"
