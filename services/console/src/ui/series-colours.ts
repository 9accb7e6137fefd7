/** Colours that lines and layers of pictures have, in their order; style/colours.css says which. */
export const seriesColours = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'] as const;

export type SeriesColour = (typeof seriesColours)[number];
