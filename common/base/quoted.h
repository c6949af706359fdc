#pragma once
// Text as a JSON string: used by common/json and by common/log, which know nothing of one another.
#include <string>
#include <string_view>

namespace navkeeper::base {

/// Appends `text` in quotes with the fewest escapes of RFC 8259 section 7: quote, backslash, control
/// characters (\b \t \n \f \r, else \u00xx in lower case). Bytes that are not UTF-8 become U+FFFD, so that
/// the output always is.
void append_quoted(std::string& out, std::string_view text);

/// The length in bytes of the UTF-8 character (RFC 3629) at the beginning of `text`, which is not empty; 0
/// when there is none.
std::size_t utf8_character_length(std::string_view text);

/// The offset of the first byte that does not belong to a UTF-8 character; text.size() when there is none.
std::size_t utf8_valid_length(std::string_view text);

}  // namespace navkeeper::base
