/** What an operator opens in Grafana: the overview of service levels and the policies with their plans and deployments. */
export { App } from './App.tsx';
