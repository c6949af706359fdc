// Whatever bytes come as a request target: routing, percent-decoding and query parsing answer or refuse.
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/base/ensure.h"
#include "common/http/router.h"
#include "common/http/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace http = navkeeper::http;
  static const http::Router kRouter = [] {
    http::Router router;
    const auto echo = [](const http::Request& request) { return http::Response::text(request.route); };
    router.get("/v1/rates/{index}/{date}", echo)
        .get("/v1/rates/{index}", echo)
        .get("/v1/rates/list", echo)
        .post("/v1/rates", echo);
    return router;
  }();
  const std::string text(reinterpret_cast<const char*>(data), size);

  const auto decoded = http::percent_decode(text);
  if (decoded) ENSURE(http::percent_decode(http::percent_encode(*decoded)) == decoded);

  const auto query = http::parse_query(text);
  if (query.has_value()) {
    const auto again = http::parse_query(http::to_query(*query));
    ENSURE(again.has_value() && *again == *query);
  }

  const auto url = http::BaseUrl::parse(text);
  if (url.has_value()) ENSURE(!url->host.empty() && url->port != 0);

  for (const http::Method method : {http::Method::kGet, http::Method::kPost}) {
    http::Request request;
    request.method = method;
    request.path = text;
    const http::Response response = kRouter.handle(request);
    ENSURE(response.status == 200 || response.status == 400 || response.status == 404 ||
           response.status == 405);
  }
  return 0;
}
