#!/bin/sh
# Every kind of plugin begun, built, checked and run by the installed program.
#
# usage: plugin_new.sh FOLDER PREFIX     PREFIX: where gapbench is installed
set -eu
folder=$1 prefix=$2
gapbench() { "$prefix/bin/gapbench" "$@"; }
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
for kind in optimizer regularizer probe problem posterior network data; do
  name=my_$kind
  gapbench plugin new "$name" --kind "$kind"
  gapbench plugin build "$name" > "$name.log" || { cat "$name.log"; exit 1; }
  plugins=$name/build/lib/gapbench/plugins
  gapbench test-plugin "$plugins/$name.so" | tail -1 | tee checks.txt
  grep -q ' 0 failed, 0 notes' checks.txt
  gapbench run "$name/suite.yaml" --plugins "$plugins" | tail -1
  gapbench compare "results/my-$kind" > "$name.md"
done
grep -q 'my_probe.loss' my_probe.md
grep -q '^| my_posterior |' my_posterior.md
# What is there stays, and what cannot be is said.
cp my_probe/my_probe.cpp kept.cpp
if gapbench plugin new my_probe --kind probe 2> said.txt; then exit 1; fi
grep -q 'is there already: nothing is overwritten' said.txt
cmp kept.cpp my_probe/my_probe.cpp
if gapbench plugin new MyProbe --kind probe 2> said.txt; then exit 1; fi
grep -q 'a name is lower_snake_case' said.txt
if gapbench plugin new other --kind loss 2> said.txt; then exit 1; fi
grep -q 'is one of optimizer, regularizer, probe, problem, posterior, network, data' said.txt
test ! -e MyProbe -a ! -e other
echo "plugin new: all kinds"
