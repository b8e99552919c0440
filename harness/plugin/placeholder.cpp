namespace gapbench {}
