#pragma once
// What two weeks of the demonstration may differ in.
#include <regex>
#include <string>

namespace navkeeper::tests {

/// A NAV's document or explanation without the hashes of what it was priced from, and without those of texts
/// that hold them. A feed that has to connect again on a busy machine fetches what it missed, and Bitstamp's
/// history has whole seconds where its stream has microseconds (TAPE.md): the same trades, another hash of
/// them. Figures, times of last trades, checks and all other hashes stay.
inline std::string without_tape_hashes(const std::string& text) {
  static const std::regex hashes(
      R"((, inputs |"price_input_hash":"|"inputs_hash":"|Document SHA-256 |Inputs   SHA-256 )[0-9a-f]+)");
  return std::regex_replace(text, hashes, "$1...");
}

}  // namespace navkeeper::tests
