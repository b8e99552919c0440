// Pieces of trial.yaml that more than one file needs.
#pragma once

#include "suite/yaml/node.h"
#include "train/settings.h"

namespace gapbench::suite {

const char* to_text(train::ScheduleSettings::Kind kind);
const char* to_text(train::Hands hands);

/// {name, revision, options: {...}}
Node choice_tree(const train::Choice& choice);

/// The same and the parts, the split, the augmentation and the checksum.
Node data_tree(const train::DataSettings& data);

}  // namespace gapbench::suite
