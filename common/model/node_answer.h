#pragma once
// What a node of a chain answered, kept as evidence of what was read from it.
#include <cstddef>
#include <string>

namespace navkeeper::model {

struct NodeAnswer {
  std::string request;  ///< "GET /eth/v1/…", "POST … {…}"
  std::string body;     ///< byte by byte
};

/// What one node may answer at most.
inline constexpr std::size_t kNodeAnswerBytesMax = std::size_t{64} << 20;

}  // namespace navkeeper::model
