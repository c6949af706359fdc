#pragma once
// A batch of strikes as JSON for a scheduler and as a summary that a night operator can act on.
#include <string>
#include <vector>

#include "services/nav/app/next_steps.h"

namespace navkeeper::nav {

/// {"runs":[...],"to_do":[{"fund","date","who","what","command"}...],"struck":N,...}
std::string run_json(const std::vector<RunLine>& lines);
/// Long batches are cut to what needs somebody; the JSON has everything.
std::string run_table(const std::vector<RunLine>& lines);

}  // namespace navkeeper::nav
