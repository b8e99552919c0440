// Finished trials run again: do they end in the same bits?
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "records/record.h"
#include "run/options.h"
#include "suite/suite.h"

namespace gapbench::run {

struct VerifyOptions {
  RunOptions run;          ///< `results`: where the repetitions go
  std::size_t sample = 0;  ///< of the trials, how many; 0: all
  std::uint64_t draw = 1;  ///< another number draws another sample
};

enum class Repeated { same, differs, not_repeated };

struct Verified {
  records::Record recorded;
  Repeated result = Repeated::same;
  std::string why;  ///< the first difference, or what stands in the way; empty for the same
};

struct Verification {
  std::vector<Verified> trials;  ///< in the order of the records
  std::size_t left_out = 0;      ///< by their status: nothing says that a crash comes again
  bool interrupted = false;      ///< then there are no trials
};

/// Runs the trials that ended `ok` or `diverged` again, from their trial.yaml, and compares every
/// number of their history and of the summary's last evaluation, which tables read, but times:
/// metrics, probes, passes and FLOPs, to the last bit, and the files kept beside them (outcomes,
/// parameters). A trial that follows others brings these
/// along. Repetitions already under `results` count, so that a verification goes on where it was
/// stopped. Another instruction set, compiler or library may end in other bits without being wrong:
/// see Record::build. Throws Error as run_suite() does, for records that lie under `results`
/// themselves, and where there is no trial to verify.
Verification verify(const records::Records& records, const VerifyOptions& options);

/// What tells the two histories apart first ("step 400: test/loss is 1.25, was 1.5"), or nothing.
/// Throws Error for one that cannot be read.
std::string history_difference(const std::filesystem::path& recorded,
                               const std::filesystem::path& repeated);

}  // namespace gapbench::run
