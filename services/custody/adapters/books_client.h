#pragma once
// The coin movements of a fund's books over HTTP, from the nav service: GET /v1/funds/{fund}/journal. Called
// by the command line alone: no route of custody asks nav (calls between services form no circle).
#include <string>

#include "common/base/secret.h"
#include "services/custody/app/books_reader.h"

namespace navkeeper::custody {

/// Reads all pages of the settled basis. Throws base::Unavailable when nav does not answer, or answers what
/// is no journal; base::Refused when the fund has no books.
BooksReader books_over_http(const std::string& nav_url, base::Secret token);

}  // namespace navkeeper::custody
