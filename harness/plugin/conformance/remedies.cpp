#include "plugin/conformance/remedies.h"

#include <algorithm>
#include <iterator>

namespace gapbench::plugin::conformance {
namespace {

struct Remedy {
  std::string_view check;
  std::string_view text;
};

constexpr std::string_view no_hidden_state =
    "Keep no static or global variables and no random numbers of its own (step.random(purpose), "
    "snapshot.random(purpose) or the key that is handed over are keyed by seed and step), read no "
    "clock and no uninitialized memory.";
constexpr std::string_view archive =
    "Name every member that a later step reads in archive(), sized in the constructor; take random "
    "numbers from step.random(purpose), which need no state.";
constexpr std::string_view own_place =
    "Let each call write to its own variables or its own place k only, and add the places up "
    "afterwards, in their order; mutable members and shared sums do not do.";
constexpr std::string_view degenerate =
    "Say what holds where the formula divides by 0: skip the term, or add a small constant to the "
    "divisor.";
constexpr std::string_view derivative = "Differentiate the value once more, by hand.";
constexpr std::string_view read_only =
    "Work on a copy: parameters that are handed over as const are for reading, and nothing is "
    "written past a span.";

constexpr Remedy remedies[] = {
    // every kind
    {"is made from its example",
     "Give .example the required options, with values that construct; a data set must be whole, "
     "and "
     "the files of its example lie in NAME/ of the folder given with --data."},
    {"reads every option it declares", "Read it in the constructor, or take it out of options[]."},
    {"declares ranges that refuse what is outside", "Correct the bounds in options[]."},
    {"is made or refuses in words at the edges of its ranges",
     "Throw gapbench::Error(where, what was given and what would be right)."},
    {"every option changes what it does",
     "Use it, take it out of options[], or choose an .example in which it matters."},
    {"stays finite at the edges of its ranges, or refuses in words",
     "Narrow the range: .above(0) in place of .at_least(0), .below(1) in place of .at_most(1)."},
    {"works on the thread it is called on",
     "Leave the threads to for_each_micro_batch and mean_over."},
    {"prints nothing",
     "Take the line out: standard output is the table's; numbers to watch are a probe's."},
    {"draws no random numbers of its own",
     "Take them from step.random(purpose), snapshot.random(purpose) or the key handed over: those "
     "follow from the trial's seed."},
    {"leaves the process whole", "Free nothing twice, and end no process."},
    {"repeats bit for bit", no_hidden_state},
    {"repeats bit for bit on 4,096 parameters", no_hidden_state},
    {"repeats bit for bit on 32,768 parameters", no_hidden_state},
    // optimizers
    {"asks the oracle in every step", "Ask step.gradient, or another question, in every step."},
    {"lowers the objective within 200 steps",
     "Look at the sign of the update, w -= rate * direction, and at the example's rate."},
    {"keeps the parameters finite", "Lower the rate of the example; look at what is divided by."},
    {"keeps them finite from parameters of 0", degenerate},
    {"keeps them finite where every gradient is 0", degenerate},
    {"shares no state between instances",
     "Make static and global variables members: trials share a process. rand() is such a variable; "
     "step.random(purpose) is not."},
    {"continues bit for bit from a checkpoint before the first step", archive},
    {"continues bit for bit from a checkpoint half-way", archive},
    {"saves without changing anything", "Let archive() name fields and nothing else."},
    {"evaluated() is a point", "Give as many numbers as there are parameters, from the start on."},
    {"posterior() is one object", "Make it a member and return its address."},
    {"brings back what it stands for from a checkpoint", archive},
    {"a weight decay makes no parameter larger", "w -= rate * decay * w, with the minus."},
    {"a negative value of an option is refused or descends",
     "Declare the range: .above(0) or .at_least(0)."},
    {"gives the same in any order of micro-batches", own_place},
    {"rests where the schedule's factor is 0", "Multiply the rate by step.schedule()."},
    {"twice the gradient makes no shorter step",
     "Look at the powers: a squared average stands under a root where it divides a gradient."},
    {"leaves initial_parameters() as they are", read_only},
    // regularizers
    {"writes only where it may", read_only},
    {"value and gradient are finite", degenerate},
    {"they are finite at parameters of 0", degenerate},
    {"they are finite where the loss's gradient is 0", degenerate},
    {"they are finite on one example", degenerate},
    {"the gradient is the value's", derivative},
    {"adds to the gradient it is given",
     "Write gradient[i] += in place of =: it holds the loss's and other penalties' already."},
    {"gives the value alone for an empty gradient",
     "Return the same value where gradient.empty(), and write nothing."},
    {"serves two threads at a time", own_place},
    {"offers a head", "Return a head, or throw gapbench::Error where the loss does not fit."},
    {"the head's curvature is its gradient's derivative", derivative},
    {"factors are finite", degenerate},
    {"inputs stay finite", degenerate},
    {"heeds the input it is given",
     "Change what is there: another input, or one that is twice as large, gives another result."},
    {"shares are from 0 to 1", "Return what of its own label an example keeps, as a fraction."},
    {"heeds both inputs", "Make the input of what is there and of `other`."},
    {"multiplies the factors it is given", "Write factor *= in place of =."},
    // probes
    {"reports metrics with unique snake_case names", "metrics.add(\"lower_snake_case\", ...)."},
    {"reports finite numbers", degenerate},
    {"reports finite numbers there, too", degenerate},
    {"measures at parameters of 0", degenerate},
    {"measures where the gradient is 0", degenerate},
    {"measures the same in any order of micro-batches", own_place},
    {"measures the same with micro-batches side by side", own_place},
    {"changes no parameter", read_only},
    // data sets
    {"gives the same records when asked again", no_hidden_state},
    {"reads what it can, or refuses, where files are missing or cut",
     "Throw gapbench::Error(file, what is wrong); compare what a file says of itself with its size "
     "before you make room or read."},
    {"test examples are new", "Look for them: gaps to the training part mean nothing for these."},
    // posteriors
    {"fits without writing the parameters", read_only},
    {"two fits at one point draw the same", "Overwrite in fit() whatever an earlier fit left."},
    {"fits", "See the reason."},
    {"describes itself within its bounds", "See Posterior in gapbench/posterior.h."},
    {"reports unique snake_case names", "metrics.add(\"lower_snake_case\", ...)."},
    {"draws are finite and whole", "Write all of w, from finite variances."},
    {"a draw repeats for its number and key", "Draw from random.at(\"draw\", k) alone."},
    {"draws differ", "Key each draw by its number, random.at(\"draw\", k)."},
    {"draws end where it says", "Throw gapbench::Error for k >= size()."},
    {"draws vary as its variances say", "variances() are squares of the deviations of a draw."},
    // problems
    {"its tensors lie one after another", "Each offset is the one before plus its size."},
    {"has training and test examples", "Give both parts at least one example."},
    {"counts the operations of its passes", "Give flops() the operations of each pass."},
    {"its start point follows from the seed", no_hidden_state},
    {"its start point differs between seeds", "Draw it from the Random that is handed over."},
    {"gathers any number of examples", "Take any indices, any number up to the capacity."},
    {"repeats bit for bit in any order of passes",
     "Compute each pass from the last forward alone, and overwrite what it writes."},
    {"the gradient is the loss's", derivative},
    {"tangent and cotangent agree, <u, Jv> = <J'u, v>",
     "One of tangent_forward and backward is not the other's transpose."},
    {"the Hessian is symmetric, <u, Hv> = <v, Hu>", derivative},
    {"the Hessian is the gradient's derivative", derivative},
    {"norms of examples are their gradients'", derivative},
    {"squares of examples are their gradients'", derivative},
    {"the gradient by noise factors is the loss's", derivative},
    {"noise factors move the gradient as their tangents say", derivative},
    {"its Kronecker layers are its tensors", "Name each layer's tensor, rows and columns."},
    {"is the same when made again", "Draw data from the Random that is handed over alone."},
    // networks
    {"describes the same layers when asked again",
     "Build from options, input and outputs alone: no static or global variables, no random "
     "numbers."},
    {"is whole for other inputs, or refuses them in words",
     "End with linear(\"output\", outputs, output_gain); what it cannot serve is a "
     "gapbench::Error, "
     "as require_side(name, input, side) throws."},
};

}  // namespace

std::string_view remedy_of(std::string_view check) {
  const auto colon = check.rfind(": ");
  if (colon != check.npos) check.remove_prefix(colon + 2);
  const auto* found = std::ranges::find(remedies, check, &Remedy::check);
  return found == std::end(remedies) ? std::string_view() : found->text;
}

std::string_view remedy_of_violation() {
  return "Write to what is handed over as writable alone, within its span; a head's cotangent and "
         "curvature are the derivatives of its value.";
}

std::string_view remedy_of_exception() {
  return "Handle the case; what cannot be handled is a gapbench::Error that says what would be "
         "right.";
}

std::string_view remedy_of_end(std::string_view how) {
  if (how.starts_with("did not end")) {
    return "Look for an endless loop; on a slow machine --timeout 60s waits longer.";
  }
  if (how.starts_with("ended the program")) return "End no process: throw gapbench::Error.";
  return "Built with -g, gdb --args gapbench test-plugin FILE and `set follow-fork-mode child` "
         "show the line.";
}

}  // namespace gapbench::plugin::conformance
