#pragma once
// An integer as wide as it gets, for exact sums and quotients that no fixed width holds. Costs seconds to
// compile: include it in .cpp files only.
#include <boost/multiprecision/cpp_int.hpp>

namespace navkeeper::money {

using BigInteger = boost::multiprecision::cpp_int;

}  // namespace navkeeper::money
