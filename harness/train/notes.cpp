#include "train/notes.h"

#include "train/normalized_groups.h"

namespace gapbench::train {

std::vector<std::string> notes_on(const TrialSettings& settings, const LoadedProblem& loaded) {
  std::vector<std::string> notes = loaded.notes;
  if (!loaded.problem->couples_examples()) return notes;
  for (std::string& note : require_groups(settings, loaded.problem->examples(Part::train))) {
    notes.push_back(std::move(note));
  }
  return notes;
}

std::vector<std::string> foreseen_notes(const TrialSettings& settings,
                                        const plugin::Registry& plugins,
                                        const std::filesystem::path& data_root) {
  return notes_on(settings, load_problem(settings, plugins, data_root));
}

}  // namespace gapbench::train
