// Trials that followed another one, or began where it ended.
#pragma once

#include "records/record.h"

namespace gapbench::compare {

/// Settings name the method that a trial followed, and not that method's settings: followers of
/// different trials look alike. Where they do, those settings of the trials they followed that differ
/// are added to theirs ("follows.small.optimizer.learning_rate"), so that no row pools them; all
/// others stay as they are. Reads trial.yaml of trials that may have followed one.
void tell_followers_apart(records::Records& records);

}  // namespace gapbench::compare
