import type { Statement } from '../../database/database.ts'

/** CTEs that are written one after another, and their parameters; `$1` is the workspace. */
export class StatementOfParts {
  readonly #parts: string[] = []
  readonly #parameters: unknown[]

  constructor(workspaceId: string) {
    this.#parameters = [workspaceId]
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0
  }

  /** The name of a parameter: `$2`. */
  with(value: unknown): string {
    this.#parameters.push(value)
    return `$${this.#parameters.length}`
  }

  add(name: string, sql: string): void {
    this.#parts.push(`${name} as (${sql})`)
  }

  build(): Statement {
    return { sql: `with ${this.#parts.join(',\n')}\nselect 1`, parameters: this.#parameters }
  }
}
