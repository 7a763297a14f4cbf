/** Templates: what a new policy may start from. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { listTemplates } from '../templates/index.ts';
import { Template } from './contract.ts';
import { requireRight } from './rights.ts';
import { judgementView } from './views.ts';

export const templateRoutes = (): FastifyPluginAsyncZod => async (app) => {
  app.get(
    '/templates',
    { schema: { summary: 'Policies to start from', response: { 200: z.array(Template) } } },
    async (request) => {
      requireRight(request.identity, 'read');
      return listTemplates().map((item) => ({ ...item, outline: judgementView(item.source).outline }));
    }
  );
};
