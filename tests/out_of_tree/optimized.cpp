// Does not compile unless the recipe optimizes, though the project names no build type.
#if !defined(__OPTIMIZE__) || !defined(NDEBUG)
#error "a plugin of gapbench_add_plugin is built without optimization"
#endif
#if __cplusplus != 202002L || !defined(__STRICT_ANSI__)
#error "a plugin of gapbench_add_plugin is not built as C++20"
#endif
