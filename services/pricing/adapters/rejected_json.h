#pragma once
// Rejected rows as JSON: {"count":1,"first":[{"file":"a.csv","line":17,"reason":"price is not positive"}]}.
#include <string>
#include <vector>

#include "common/json/write.h"
#include "services/pricing/domain/intake.h"

namespace navkeeper::pricing {

/// `files` are the names by RowPlace::file.
void write_rejected(json::Writer& writer, const RejectedRows& rejected,
                    const std::vector<std::string>& files);
/// The members alone, for an object that has more.
void write_rejected_members(json::Writer& writer, const RejectedRows& rejected,
                            const std::vector<std::string>& files);
std::string to_json(const RejectedRows& rejected, const std::vector<std::string>& files);
/// Reads back what to_json wrote for a single file; its name is not kept.
RejectedRows rejected_from_json(const std::string& text);

}  // namespace navkeeper::pricing
