// SPDX-License-Identifier: Apache-2.0
// Reading single fields of Protocol Buffers, for what comes so often that making messages of it
// would cost more than the rest. Texts are views of the bytes that are read.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vigie::store::wire {

using Input = google::protobuf::io::CodedInputStream;

constexpr uint32_t BytesTag(int field) {
  using google::protobuf::internal::WireFormatLite;
  return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
}

constexpr uint32_t VarintTag(int field) {
  using google::protobuf::internal::WireFormatLite;
  return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_VARINT);
}

inline int FieldOf(uint32_t tag) {
  return google::protobuf::internal::WireFormatLite::GetTagFieldNumber(tag);
}

inline bool IsBytes(uint32_t tag) { return tag == BytesTag(FieldOf(tag)); }

// What follows a tag; false where the bytes do not hold it.
inline bool ReadBytes(Input& in, std::string_view& bytes) {
  int size = 0;
  if (!in.ReadVarintSizeAsInt(&size)) return false;
  bytes = {};
  if (size == 0) return true;
  const void* data = nullptr;
  int left = 0;
  in.GetDirectBufferPointerInline(&data, &left);
  if (left < size) return false;
  bytes = std::string_view(static_cast<const char*>(data), static_cast<size_t>(size));
  return in.Skip(size);
}

inline bool ReadVarint(Input& in, int64_t& number) {
  uint64_t value = 0;
  if (!in.ReadVarint64(&value)) return false;
  number = static_cast<int64_t>(value);
  return true;
}

// Calls `read(tag, in)` for each field up to the first whose number is over `last`. Returns where
// it ended, or npos where `read` said no, or where fields do not come in order; one comes again
// only if its number is `repeated`.
template <typename Read>
size_t ReadFields(std::string_view bytes, int last, int repeated, const Read& read) {
  Input in(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int>(bytes.size()));
  int before = 0;
  for (;;) {
    const auto at = static_cast<size_t>(in.CurrentPosition());
    if (at == bytes.size()) return at;
    const uint32_t tag = in.ReadTag();
    const int field = FieldOf(tag);
    if (field > last) return at;
    if (field < before || (field == before && field != repeated)) return std::string_view::npos;
    if (!read(tag, in)) return std::string_view::npos;
    before = field;
  }
}

}  // namespace vigie::store::wire
