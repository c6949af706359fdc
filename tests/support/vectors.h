#pragma once
// Published vector files under ../shared/data, read in place. A test whose file is missing is skipped and
// says so; a file that cannot be read as JSON fails.
#include <optional>
#include <string>

#include "common/base/bytes.h"
#include "common/json/value.h"

namespace navkeeper::tests {

/// The document at shared_data()/`path`; nothing when the folder is missing.
std::optional<json::Value> shared_vectors(const std::string& path);

// Members of a vector; a missing or other one throws, which fails the test with its name.
const json::Value& member(const json::Value& object, const char* key);
std::string text(const json::Value& object, const char* key);  ///< "" when the key is absent
/// Hexadecimal, with or without 0x.
base::Bytes bytes(const json::Value& object, const char* key);
base::Bytes hex(std::string_view digits);

}  // namespace navkeeper::tests

/// Skips the test aloud when `vectors` is empty.
#define SKIP_WITHOUT(vectors, path) \
  if (!(vectors)) GTEST_SKIP() << "no shared data: " << (path) << " was not checked"
