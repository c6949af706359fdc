#include "common/crypto/certificate.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

#include "common/base/outside.h"
#include "common/crypto/random.h"

namespace navkeeper::crypto {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certified = std::unique_ptr<X509, Free>;
using Bio = std::unique_ptr<BIO, Free>;

constexpr long kDaySeconds = 86'400;

void need(bool done) {
  if (!done) throw base::Unavailable("OpenSSL could not make a certificate");
}

std::string text_of(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string pem_of(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  need(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(bio.get());
}

std::string pem_of(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  need(bio && PEM_write_bio_X509(bio.get(), certificate) == 1);
  return text_of(bio.get());
}

void add_extension(X509* certificate, X509* issuer, int name, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, name, value.c_str()));
  need(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

/// Not signed yet.
Certified blank(EVP_PKEY* key, const std::string& common_name, int days) {
  Certified certificate(X509_new());
  need(certificate != nullptr);
  X509* const it = certificate.get();
  std::array<std::uint8_t, 8> serial{};
  fill_random(serial);
  std::uint64_t number = 0;
  for (const std::uint8_t byte : serial) number = number << 8 | byte;
  need(X509_set_version(it, X509_VERSION_3) == 1);
  need(ASN1_INTEGER_set_uint64(X509_get_serialNumber(it), number >> 1 | 1) == 1);
  need(X509_gmtime_adj(X509_getm_notBefore(it), -kDaySeconds) != nullptr);
  need(X509_gmtime_adj(X509_getm_notAfter(it), days * kDaySeconds) != nullptr);
  need(X509_set_pubkey(it, key) == 1);
  need(X509_NAME_add_entry_by_txt(X509_get_subject_name(it), "CN", MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                                  0) == 1);
  return certificate;
}

}  // namespace

Certificate make_authority(const std::string& common_name, int days) {
  const Key key(EVP_EC_gen("P-256"));
  need(key != nullptr);
  const Certified made = blank(key.get(), common_name, days);
  need(X509_set_issuer_name(made.get(), X509_get_subject_name(made.get())) == 1);
  add_extension(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(made.get(), made.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(made.get(), made.get(), NID_subject_key_identifier, "hash");
  need(X509_sign(made.get(), key.get(), EVP_sha256()) != 0);
  return {pem_of(made.get()), pem_of(key.get())};
}

Certificate make_certificate(const Certificate& authority, const std::string& common_name,
                             const std::vector<std::string>& names, int days) {
  const Bio issuer_text(BIO_new_mem_buf(authority.certificate_pem.data(), -1));
  const Bio key_text(BIO_new_mem_buf(authority.key_pem.data(), -1));
  need(issuer_text && key_text);
  const Certified issuer(PEM_read_bio_X509(issuer_text.get(), nullptr, nullptr, nullptr));
  const Key issuer_key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
  const Key key(EVP_EC_gen("P-256"));
  need(issuer && issuer_key && key);
  const Certified made = blank(key.get(), common_name, days);
  need(X509_set_issuer_name(made.get(), X509_get_subject_name(issuer.get())) == 1);
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ",") + name;
  add_extension(made.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(made.get(), issuer.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(made.get(), issuer.get(), NID_ext_key_usage, "serverAuth");
  add_extension(made.get(), issuer.get(), NID_subject_alt_name, all);
  add_extension(made.get(), issuer.get(), NID_authority_key_identifier, "keyid");
  need(X509_sign(made.get(), issuer_key.get(), EVP_sha256()) != 0);
  return {pem_of(made.get()) + authority.certificate_pem, pem_of(key.get())};
}

}  // namespace navkeeper::crypto
