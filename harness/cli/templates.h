// The files that `gapbench plugin new` writes, with @NAME@, @CLASS@ and more to fill in; embedded by the
// build from templates/.
#pragma once

#include <string_view>

namespace gapbench::cli::templates {

std::string_view new_optimizer();
std::string_view new_regularizer();
std::string_view new_probe();
std::string_view new_problem();
std::string_view new_posterior();
std::string_view new_network();
std::string_view new_data();
std::string_view new_project();
std::string_view new_suite();
std::string_view new_problem_suite();
std::string_view new_network_suite();
std::string_view new_data_suite();

}  // namespace gapbench::cli::templates
