#pragma once
// Checks of single options, for Option::check(): empty when the text is right, else what is wrong with it.
// What they refuse is a wrong command line (exit 2), before anything is opened.
#include <string>

namespace navkeeper::runtime {

std::string check_date(const std::string& text);     ///< YYYY-MM-DD, a day that exists
std::string check_instant(const std::string& text);  ///< RFC 3339
std::string check_decimal(const std::string& text);

}  // namespace navkeeper::runtime
