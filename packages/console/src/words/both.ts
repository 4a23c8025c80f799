/** The words of one part of the console in both languages, side by side: the compiler sees to it that neither lacks one. */
export const both = <T>(zh: T, en: NoInfer<T>): { readonly zh: T; readonly en: T } => ({ zh, en })
