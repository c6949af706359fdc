#pragma once
// A computed rate as the answer of `rates compute` (contracts) and as a table for people.
#include <string>
#include <vector>

#include "services/pricing/app/compute_rate.h"

namespace navkeeper::pricing {

/// One JSON object. `files` are the names as given, by their position in RowPlace.
std::string to_json(const ComputedRate& computed, const std::vector<std::string>& files);

/// Lines that end with a newline each.
std::string to_table(const ComputedRate& computed, const std::vector<std::string>& files);

}  // namespace navkeeper::pricing
