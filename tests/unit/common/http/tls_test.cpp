// TLS between our own server and client, with certificates made here by the openssl program.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "tests/unit/common/http/raw_connection.h"

namespace navkeeper::http {
namespace {

class TlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::filesystem::path(testing::TempDir()) / ("navkeeper_tls_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    make_authority("ca");
    make_authority("other_ca");
    make_certificate("server", "ca", "IP:127.0.0.1,DNS:localhost", 30);
    make_certificate("wrong_name", "ca", "DNS:elsewhere.example", 30);
    make_certificate("expired", "ca", "IP:127.0.0.1", -1);
    make_certificate("client", "ca", "DNS:client.example", 30);
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  static std::string file(const std::string& name) { return (folder_ / name).string(); }

  static void run(const std::string& command) {
    ASSERT_EQ(std::system(("cd '" + folder_.string() + "' && " + command + " >/dev/null 2>&1").c_str()), 0)
        << command;
  }
  static void make_authority(const std::string& name) {
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=" + name +
        " -keyout " + name + ".key -out " + name + ".pem");
  }
  static void make_certificate(const std::string& name, const std::string& authority,
                               const std::string& names, int days) {
    run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " +
        name + ".key -out " + name + ".csr");
    run("printf 'subjectAltName=" + names + "\\n' > " + name + ".ext && openssl x509 -req -in " + name +
        ".csr -CA " + authority + ".pem -CAkey " + authority + ".key -CAcreateserial -days " +
        std::to_string(days) + " -extfile " + name + ".ext -out " + name + ".pem");
  }

  static std::unique_ptr<Server> serve(const std::string& certificate, const std::string& client_ca = "") {
    Router router;
    router.get("/hello", [](const Request&) { return Response::text("hello"); });
    auto server = std::make_unique<Server>(
        std::move(router),
        ServerOptions{.tls = ServerTls{file(certificate + ".pem"), file(certificate + ".key"),
                                       client_ca.empty() ? "" : file(client_ca + ".pem")}},
        log::Logger::silent());
    server->start();
    return server;
  }
  static Response get(const Server& server, ClientTls tls) {
    return Client({.base_url = server.url(), .tls = std::move(tls)}).send({.path = "/hello"});
  }

  static inline std::filesystem::path folder_;
};

TEST_F(TlsTest, ACertificateOfTheRightAuthorityIsTrusted) {
  const auto server = serve("server");
  EXPECT_TRUE(server->url().starts_with("https://"));
  Client client({.base_url = server->url(), .tls = {.ca_file = file("ca.pem")}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.send({.path = "/hello"}).body, "hello");
}

TEST_F(TlsTest, ACertificateOfAnotherAuthorityIsRefused) {
  const auto server = serve("server");
  EXPECT_THROW(get(*server, {.ca_file = file("other_ca.pem")}), base::Unavailable);
  EXPECT_THROW(get(*server, {}), base::Unavailable) << "the system's authorities do not know it either";
}

TEST_F(TlsTest, ACertificateForAnotherNameOrOutOfDateIsRefused) {
  EXPECT_THROW(get(*serve("wrong_name"), {.ca_file = file("ca.pem")}), base::Unavailable);
  EXPECT_THROW(get(*serve("expired"), {.ca_file = file("ca.pem")}), base::Unavailable);
}

TEST_F(TlsTest, VerificationIsOffOnlyWhenSaid) {
  EXPECT_EQ(get(*serve("wrong_name"), {.verify = false}).status, 200);
}

TEST_F(TlsTest, AServerThatAsksForAClientsCertificateTakesNoOther) {
  const auto server = serve("server", "ca");
  EXPECT_THROW(get(*server, {.ca_file = file("ca.pem")}), base::Unavailable);
  EXPECT_EQ(
      get(*server,
          {.ca_file = file("ca.pem"), .certificate_file = file("client.pem"), .key_file = file("client.key")})
          .status,
      200);
}

TEST_F(TlsTest, PlainHttpToATlsPortGetsNothing) {
  const auto server = serve("server");
  RawConnection plain(server->port());
  plain.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(plain.receive({}, std::chrono::seconds(3)).find("hello"), std::string::npos);
  EXPECT_TRUE(plain.closed());
}

TEST_F(TlsTest, AMissingCertificateIsRefusedByName) {
  try {
    serve("absent");
    FAIL() << "accepted";
  } catch (const base::Refused& refused) {
    EXPECT_NE(std::string(refused.what()).find("absent.pem"), std::string::npos);
  }
}

TEST_F(TlsTest, AnOrderlyStopWorksUnderTlsToo) {
  const auto server = serve("server");
  Client client({.base_url = server->url(), .tls = {.ca_file = file("ca.pem")}});
  client.send({.path = "/hello"});
  EXPECT_TRUE(server->stop(std::chrono::seconds(5)));
}

}  // namespace
}  // namespace navkeeper::http
