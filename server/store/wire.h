// SPDX-License-Identifier: Apache-2.0
// Single fields as the serialiser of Protocol Buffers writes them, for what is written so often
// that a message in between would cost more than its bytes. A field that holds its default is left
// out.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message_lite.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace vigie::store::wire {

inline size_t PresentVarintFieldSize(uint64_t value) {
  return 1 + google::protobuf::io::CodedOutputStream::VarintSize64(value);
}

inline size_t BytesFieldSize(size_t size) {
  return 1 + google::protobuf::io::CodedOutputStream::VarintSize64(size) + size;
}

inline uint8_t* PutTag(int field, google::protobuf::internal::WireFormatLite::WireType type,
                       uint8_t* at) {
  using google::protobuf::internal::WireFormatLite;
  return google::protobuf::io::CodedOutputStream::WriteTagToArray(
      WireFormatLite::MakeTag(field, type), at);
}

inline uint8_t* PutVarint(uint64_t value, uint8_t* at) {
  return google::protobuf::io::CodedOutputStream::WriteVarint64ToArray(value, at);
}

// Tag and length of a field of `size` bytes.
inline uint8_t* PutLength(int field, size_t size, uint8_t* at) {
  using google::protobuf::internal::WireFormatLite;
  return PutVarint(size, PutTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, at));
}

// Copies bytes to where they are written; std::copy from one type to another goes byte by byte.
inline uint8_t* PutBytes(std::string_view bytes, uint8_t* at) {
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

// Also where it is the default.
inline uint8_t* PutPresentVarintField(int field, uint64_t value, uint8_t* at) {
  using google::protobuf::internal::WireFormatLite;
  return PutVarint(value, PutTag(field, WireFormatLite::WIRETYPE_VARINT, at));
}

// Appends fields to a string.
class Fields {
 public:
  explicit Fields(std::string* bytes) : bytes_(bytes) {}

  void Varint(int field, int64_t value) {
    if (value != 0) Present(field, value);
  }
  // Also where it is the default.
  void Present(int field, int64_t value) {
    using google::protobuf::internal::WireFormatLite;
    uint8_t framing[kMaxFramingBytes];
    Append(framing, PutVarint(static_cast<uint64_t>(value),
                              PutTag(field, WireFormatLite::WIRETYPE_VARINT, framing)));
  }
  void Zigzag(int field, int64_t value) {
    using google::protobuf::internal::WireFormatLite;
    Varint(field, static_cast<int64_t>(WireFormatLite::ZigZagEncode64(value)));
  }
  void Fixed64(int field, uint64_t value) {
    using google::protobuf::internal::WireFormatLite;
    if (value == 0) return;
    uint8_t framing[kMaxFramingBytes];
    Append(framing, google::protobuf::io::CodedOutputStream::WriteLittleEndian64ToArray(
                        value, PutTag(field, WireFormatLite::WIRETYPE_FIXED64, framing)));
  }
  void Bytes(int field, std::string_view value) {
    if (!value.empty()) Nested(field, value);
  }
  // Bytes of a message, also of an empty one.
  void Nested(int field, std::string_view value) {
    Length(field, value.size());
    bytes_->append(value.data(), value.size());
  }
  // The bytes that `put` appends, as a message. They are moved once where their size takes more
  // than one byte.
  template <typename Put>
  void NestedOf(int field, const Put& put) {
    uint8_t framing[kMaxFramingBytes];
    Append(framing, PutLength(field, 0, framing));
    const size_t begin = bytes_->size();
    put();
    const size_t size = bytes_->size() - begin;
    const uint8_t* const end = PutVarint(size, framing);
    const auto size_bytes = static_cast<size_t>(end - framing);
    bytes_->insert(begin, size_bytes - 1, '\0');
    std::memcpy(bytes_->data() + begin - 1, framing, size_bytes);
  }
  void Message(int field, const google::protobuf::MessageLite& message) {
    Length(field, message.ByteSizeLong());
    message.AppendToString(bytes_);
  }
  // A packed list, its numbers mapped by `number`, called once for each in order.
  template <typename List, typename Number>
  void PackedVarints(int field, const List& list, const Number& number) {
    if (list.empty()) return;
    NestedOf(field, [&] {
      uint8_t varint[kMaxFramingBytes];
      for (const auto& item : list) {
        Append(varint, PutVarint(static_cast<uint64_t>(number(item)), varint));
      }
    });
  }
  template <typename List>
  void PackedFixed64(int field, const List& list) {
    if (list.empty()) return;
    Length(field, list.size() * sizeof(uint64_t));
    uint8_t fixed[sizeof(uint64_t)];
    for (const uint64_t value : list) {
      Append(fixed,
             google::protobuf::io::CodedOutputStream::WriteLittleEndian64ToArray(value, fixed));
    }
  }

 private:
  static constexpr size_t kMaxFramingBytes = 2 * 10;  // Tag and varint.

  void Length(int field, size_t size) {
    uint8_t framing[kMaxFramingBytes];
    Append(framing, PutLength(field, size, framing));
  }
  void Append(const uint8_t* begin, const uint8_t* end) {
    bytes_->append(reinterpret_cast<const char*>(begin), static_cast<size_t>(end - begin));
  }

  std::string* bytes_;
};

}  // namespace vigie::store::wire
