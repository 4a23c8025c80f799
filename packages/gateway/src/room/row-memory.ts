/**
 * Memory that rows are read into from their file, lent to one list after another. New memory for each list costs more than reading and
 * writing its rows do: the system gives it page by page, and V8 collects each time some tens of MiB of it have come.
 *
 * What was given back last is lent first, for the processor still has it at hand.
 */
const PIECE_BYTES = 256 * 1024
/** A list of eight hundred rooms of 20 people, and what stays for the next one. What is needed beyond it is new, and dropped. */
const PIECES_KEPT_MAX = 16

const NO_PIECE = Buffer.alloc(0)

/** Memory of so many bytes, whatever stands in it. */
export type Cut = (bytes: number) => Buffer

export interface LentMemory {
  readonly cut: Cut
  /** To be called when nobody reads any more what was cut, the kernel neither. What is cut afterwards is other memory. */
  readonly giveBack: () => void
}

export function createRowMemory(): { lend(): LentMemory } {
  const idle: Buffer[] = []
  return {
    lend() {
      let lent: Buffer[] = []
      let piece: Buffer = NO_PIECE
      let used = 0
      const takePiece = (): Buffer => {
        const taken = idle.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES)
        if (lent.length < PIECES_KEPT_MAX) lent.push(taken)
        used = 0
        return taken
      }
      return {
        cut(bytes) {
          if (bytes > PIECE_BYTES) return Buffer.allocUnsafeSlow(bytes)
          if (used + bytes > piece.length) piece = takePiece()
          used += bytes
          return piece.subarray(used - bytes, used)
        },
        giveBack() {
          idle.push(...lent.slice(0, PIECES_KEPT_MAX - idle.length))
          lent = []
          piece = NO_PIECE
          used = 0
        },
      }
    },
  }
}
