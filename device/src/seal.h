/*
 * JSON values as pydantic writes them, for checksums of documents that are stored in another layout.
 *
 * Numbers are taken for the shortest of their value, as any writer of JSON makes them.
 */
#ifndef ER_SEAL_H
#define ER_SEAL_H

#include "json.h"
#include "sha256.h"

void er_seal_literal(er_sha256 *seal, const char *literal);
void er_seal_text(er_sha256 *seal, const er_span *text, size_t at);
void er_seal_integer(er_sha256 *seal, const er_span *text, size_t at);
void er_seal_number(er_sha256 *seal, const er_span *text, size_t at);

#endif
