#pragma once
// A computed rate as the answer of `rates compute` (contracts) and as a table for people.
#include <string>
#include <vector>

#include "services/pricing/app/compute_rate.h"

namespace navkeeper::pricing {

/// One JSON object. `files` are the names as given, by their position in RowPlace.
std::string to_json(const ComputedRate& computed, const std::vector<std::string>& files);

/// The stored evidence: the same as canonical JSON, without the names of files and lines in them.
std::string to_document(const ComputedRate& computed);

/// Lines that end with a newline each.
std::string to_table(const ComputedRate& computed, const std::vector<std::string>& files);

/// Columns padded to their widest cell, the first to the left and the others to the right; lines that end
/// with a newline.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

}  // namespace navkeeper::pricing
