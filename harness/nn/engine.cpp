#include "nn/engine.h"

#include <fmt/format.h>

#include "gapbench/error.h"
#include "nn/precision.h"

namespace gapbench::nn {
namespace {

struct InstructionSet {
  dnnl::cpu_isa isa;
  const char* name;
  bool avx512;
  bool bf16;
  bool tiles;  ///< matrix products of bf16, AMX
};

constexpr InstructionSet instruction_sets[] = {
    {dnnl::cpu_isa::sse41, "sse41", false, false, false},
    {dnnl::cpu_isa::avx, "avx", false, false, false},
    {dnnl::cpu_isa::avx2, "avx2", false, false, false},
    {dnnl::cpu_isa::avx2_vnni, "avx2_vnni", false, false, false},
    {dnnl::cpu_isa::avx512_core, "avx512_core", true, false, false},
    {dnnl::cpu_isa::avx512_core_vnni, "avx512_core_vnni", true, false, false},
    {dnnl::cpu_isa::avx512_core_bf16, "avx512_core_bf16", true, true, false},
    {dnnl::cpu_isa::avx512_core_amx, "avx512_core_amx", true, true, true},
};

InstructionSet instruction_set_here() {
  const auto isa = dnnl::get_effective_cpu_isa();
  for (const InstructionSet& known : instruction_sets) {
    if (known.isa == isa) return known;
  }
  return {isa, "generic", false, false, false};
}

const OptionValue* precision_in(const OptionMap& given) {
  const auto found = given.find("precision");
  return found == given.end() ? nullptr : &found->second;
}

Precision precision_of(const Options& given, const InstructionSet& here) {
  const std::string& asked = given.choice("precision");
  if (asked == "f32") return Precision::f32;
  if (here.bf16) return Precision::bf16;
  if (asked == "auto") return Precision::f32;
  throw Error(given.owner(), why_not_here(given.values()));
}

}  // namespace

std::string why_not_here(const OptionMap& given) {
  const OptionValue* asked = precision_in(given);
  const InstructionSet here = instruction_set_here();
  if (asked == nullptr || *asked != OptionValue(std::string("bf16")) || here.bf16) return "";
  return fmt::format(
      "precision bf16 needs a CPU with AVX512-BF16 or AMX, this one has {}; use f32, "
      "or auto for bf16 where there is such a CPU",
      here.name);
}

void settle(OptionMap& given) {
  const auto linearize = given.find("linearize");
  if (linearize != given.end() && linearize->second == OptionValue(false)) given.erase(linearize);
  const OptionValue* asked = precision_in(given);
  if (asked == nullptr || *asked != OptionValue(std::string("auto"))) return;
  given["precision"] = std::string(instruction_set_here().bf16 ? "bf16" : "f32");
}

// Winograd's kernels need AVX-512, and so do the blocks of 16 channels they work on. Tiles multiply bf16 faster
// than a quarter of the products takes in f32.
Engine make_engine(const Options& given) {
  const InstructionSet here = instruction_set_here();
  const auto precision = precision_of(given, here);
  const std::string& asked = given.choice("convolution");
  const bool on_tiles = precision == Precision::bf16 && here.tiles;
  const bool winograd = here.avx512 && (asked == "winograd" || (asked == "auto" && !on_tiles));
  return {dnnl::engine(dnnl::engine::kind::cpu, 0), precision, winograd, on_tiles};
}

const char* instruction_set_name() { return instruction_set_here().name; }

}  // namespace gapbench::nn
