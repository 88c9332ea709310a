/* Memory of a WebAssembly instance, where there is no other allocator. */
#ifndef ER_HEAP_H
#define ER_HEAP_H

#include "base.h"

/* Memory aligned to 16 bytes; NULL if the host gives no more. */
void *er_heap_allocate(size_t bytes);

/* Give memory back: it is used again, though the host never sees it again. NULL is ignored. */
void er_heap_release(void *memory);

#endif
