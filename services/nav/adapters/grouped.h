#pragma once
// Numbers as people read them.
#include <string>
#include <string_view>

namespace navkeeper::nav {

/// "1234567.89" as "1,234,567.89"; what is no plain decimal is given back as it is.
std::string grouped(std::string_view decimal);

}  // namespace navkeeper::nav
